"""A lock on an open file that other processes respect: ``flock`` on POSIX, a byte range on Windows.

The lock belongs to the open file, so two journals on one file in one process exclude each other too.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

if sys.platform == "win32":
    import errno
    import msvcrt

    _FAR = 2**62  # a byte that no file reaches: Windows would keep readers away from the bytes that are locked

    @contextlib.contextmanager
    def locked(descriptor: int, *, exclusive: bool) -> Iterator[None]:
        """Hold the lock; waits as long as another process holds it. Windows knows only exclusive ones."""
        while True:
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                break
            except OSError as error:  # given up after ten seconds: ask again
                if error.errno != errno.EDEADLOCK:
                    raise
        try:
            yield
        finally:
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextlib.contextmanager
    def locked(descriptor: int, *, exclusive: bool) -> Iterator[None]:
        """Hold the lock, alone or with other readers; waits as long as another process stands against it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def flush_to_disk(descriptor: int) -> None:
    """Return when the bytes are on the disk; on macOS also through the cache of the disk itself."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def flush_folder(folder: str | os.PathLike[str]) -> None:
    """Make the name of a new file durable; Windows has no such thing and needs none."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


__all__ = ["flush_folder", "flush_to_disk", "locked"]
