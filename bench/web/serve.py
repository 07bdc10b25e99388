"""One server process: `APP PORT`, served as `alpha web` serves ours."""

import sys

import uvicorn

from bench.web.apps import APPS


def main() -> None:
    """Serve on 127.0.0.1 until stopped."""
    name, port = sys.argv[1:]
    uvicorn.run(
        APPS[name](),
        host="127.0.0.1",
        port=int(port),
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
