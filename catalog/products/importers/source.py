"""A merchant's file as lines of text, unpacked and read as it goes; never whole in memory."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings

from catalog.products.importers.issues import FileRefused

LINE_CHARS_MAX = 2_000_000
_GZIP = b"\x1f\x8b"
_HEAD = 65_536


class _Limited(io.RawIOBase):
    """Counts the bytes that come out, so that a small archive cannot unfold without end."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self._left = settings.IMPORT_FILE_BYTES_MAX

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = cast("memoryview", buffer)
        data = self._inner.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise FileRefused("file_too_large", limit=settings.IMPORT_FILE_BYTES_MAX // 1_000_000)
        view[: len(data)] = data
        return len(data)


class Source:
    """One file. `position` of `size` bytes is how far it was read, for progress."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.position = 0

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends. Bytes that are not UTF-8 come out as lone surrogates.

        Raises: FileRefused(bad_encoding, broken_file, file_too_large, too_long).
        """
        with self.path.open("rb") as raw:
            try:
                yield from self._decoded(raw)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise FileRefused("broken_file") from None

    def head(self) -> bytes:
        """Return the first bytes, unpacked. Raises: FileRefused."""
        with self.path.open("rb") as raw:
            try:
                return self._unpacked(raw).read(_HEAD)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise FileRefused("broken_file") from None

    def guess(self) -> str:
        """Name the encoding the file seems to be in, for the error that says it is not UTF-8."""
        return _guess(self.head())

    def _unpacked(self, raw: BinaryIO) -> BinaryIO:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw

    def _decoded(self, raw: BinaryIO) -> Iterator[str]:
        head = self.head()
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
            raise FileRefused("bad_encoding", guess=_guess(head))
        unpacked = io.BufferedReader(_Limited(self._unpacked(raw)), _HEAD)
        text = io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="surrogateescape", newline="")
        while line := text.readline(LINE_CHARS_MAX + 1):
            if len(line) > LINE_CHARS_MAX:
                raise FileRefused("too_long", limit=LINE_CHARS_MAX)
            self.position = raw.tell()
            yield line


def _guess(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[:200].count(b"\x00") > len(head[:200]) // 4:
        return "UTF-16"
    if b"\x00" in head:
        return "a file that is not text"
    names = [name for name, codec in (("Big5", "cp950"), ("GBK", "gb18030")) if _reads(head, codec)]
    return " or ".join(names) or ("Shift JIS" if _reads(head, "cp932") else "Windows-1252")


def _reads(head: bytes, codec: str) -> bool:
    """Whether `head` reads as `codec` and what comes out is mostly Chinese or Japanese where it is not ASCII."""
    try:
        text = head[:-4].decode(codec) if len(head) == _HEAD else head.decode(codec)
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if ord(char) > 127]
    wide = sum("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in foreign)
    return bool(foreign) and wide >= len(foreign) * 0.9
