"""Manifests: unwrap rules, and one clear line for everything that can be wrong."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.recordings import ManifestError, load_recordings, unwrap

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files and a manifest into a folder."""

    def make(entries: object, **files: bytes) -> Path:
        for name, content in files.items():
            stem, _, suffix = name.partition("_")
            (tmp_path / f"{stem}.{suffix.replace('_', '.')}").write_bytes(content)
        text = entries if isinstance(entries, str) else json.dumps(entries)
        (tmp_path / "manifest.json").write_text(text)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("$", [b'{"a":{"x":[1.50,2]},"b":{"x":[3]}}'], id="root"),
        pytest.param("a.x", [b"1.50", b"2"], id="path"),
        pytest.param("*.x", [b"1.50", b"2", b"3"], id="every-key"),
        pytest.param("*.x.0", [b"1.50", b"3"], id="index"),
        pytest.param("$.a.x.*", [b"1.50", b"2"], id="star-at-the-end"),
        pytest.param("c.x", [], id="missing"),
        pytest.param("a.x.9", [], id="index-too-high"),
        pytest.param("a.x.0.deep", [], id="below-a-number"),
    ],
)
def test_unwrap_rules(rule: str, expected: list[bytes]) -> None:
    value = b'{"a":{"x":[1.50,2]},"b":{"x":[3]}}'
    assert list(unwrap(value, rule, rows=True)) == expected


def test_json_lines_and_gzip(write: Write) -> None:
    lines = b'{"markets":[{"ticker":"A"}]}\n\n{"markets":[{"ticker":"B"}]}\n'
    entry = {"route": "GET /m", "unwrap": "lines.*.markets", "wrap": "markets"}
    folder = write(
        [{**entry, "file": "rows.jsonl.gz"}, {**entry, "file": "rows.jsonl"}],
        rows_jsonl_gz=gzip.compress(lines),
        rows_jsonl=lines,
    )
    one, two = load_recordings(folder)
    assert one.values == two.values == (b'{"ticker":"A"}', b'{"ticker":"B"}')


def test_without_wrap_the_value_stays_whole(write: Write) -> None:
    entry = {"route": "GET /x", "file": "one.json", "unwrap": "list"}
    (found,) = load_recordings(write([entry], one_json=b'{"list": [1, 2]}'))
    assert found.values == (b"[1, 2]",)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param("{}", "Expected `array`", id="not-a-list"),
        pytest.param("[", "truncated", id="not-json"),
        pytest.param([{"route": "GET /x"}], "missing required field `file`", id="no-file"),
        pytest.param(
            [{"route": "GET /x", "file": "a", "odd": 1}], "unknown field `odd`", id="unknown-field"
        ),
        pytest.param([{"route": "POST /x", "file": "one.json"}], "route must look", id="method"),
        pytest.param([{"route": "GET /x", "file": "no.json"}], "cannot read no.json", id="absent"),
        pytest.param(
            [{"route": "GET /x", "file": "bad.json", "unwrap": "a"}], "bad.json", id="bad"
        ),
        pytest.param(
            [{"route": "GET /x", "file": "one.json", "unwrap": "none"}], "finds nothing", id="empty"
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(write: Write, manifest: object, reason: str) -> None:
    folder = write(manifest, one_json=b'{"a": 1}', bad_json=b'{"a": ')
    with pytest.raises(ManifestError, match=reason) as caught:
        load_recordings(folder)
    assert "manifest.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="No such file"):
        load_recordings(tmp_path / "nowhere")


def test_a_damaged_gzip_is_said_too(write: Write) -> None:
    entry = {"route": "GET /x", "file": "rows.json.gz"}
    with pytest.raises(ManifestError, match=r"rows\.json\.gz"):
        load_recordings(write([entry], rows_json_gz=b"not gzip at all"))
