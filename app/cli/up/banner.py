"""What `alpha up` says when it is ready."""

from local.home import Home

_TEXT = """
  Alpha is ready at {url}

    curl '{url}/health/ready'
    curl '{url}/v1/markets?sort=volume&limit=3'
    curl '{url}/v1/events?limit=3'
    curl -N '{url}/v1/stream?markets=<id of a market>'
    curl -H "authorization: Bearer $(./alpha token)" '{url}/v1/feed'

  data in {home} (logs in {home}/log)
  {source}
  stop with Ctrl-C
"""


def render_banner(url: str, home: Home, *, is_live: bool) -> str:
    """Render the text shown once everything answers."""
    source = "prices from the real vendors" if is_live else "prices from the sandbox, not real ones"
    return _TEXT.format(url=url, home=home.path, source=source)
