"""A lock on an open file that other processes respect, and what makes bytes durable, on Linux, macOS and Windows.

The lock is ``flock`` on POSIX and a byte range on Windows. It belongs to the open file, so two journals on one file
in one process exclude each other too, and it ends with the process, however that ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator

_NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.ENOTTY}
"""What a file system answers that does not know the call at all; any other error is a failure."""

if sys.platform == "win32":
    import msvcrt
    import time

    _FAR = 2**42  # a byte that no journal reaches: Windows keeps readers away from the bytes that are locked
    _HELD = {errno.EACCES, errno.EDEADLK}
    _PATIENCE = 0.001, 0.05  # seconds before the first and at most before a later attempt

    @contextlib.contextmanager
    def locked(descriptor: int, *, exclusive: bool, wait: bool = True) -> Iterator[None]:
        """Hold the lock; waits as long as another process holds it. Windows knows only exclusive ones.

        The waiting is ours: the call that waits asks once a second and gives up after ten times.

        Raises:
            BlockingIOError: if another holds it, and it is not to be waited for.
        """
        pause, longest = _PATIENCE
        while True:
            os.lseek(descriptor, _FAR, os.SEEK_SET)  # the lock is taken where the file stands
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                break
            except OSError as error:
                if error.errno not in _HELD:
                    raise
                if not wait:
                    raise BlockingIOError(errno.EAGAIN, error.strerror) from None
            time.sleep(pause)
            pause = min(2 * pause, longest)
        try:
            yield
        finally:
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    @contextlib.contextmanager
    def locked(descriptor: int, *, exclusive: bool, wait: bool = True) -> Iterator[None]:
        """Hold the lock, alone or with other readers; waits as long as another process stands against it.

        Raises:
            BlockingIOError: if another holds it, and it is not to be waited for.
        """
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def flush_to_disk(descriptor: int) -> None:
    """Return when the bytes are on the disk; on macOS also through the cache of the disk itself."""
    if sys.platform == "darwin":
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
    os.fsync(descriptor)


def flush_folder(folder: str | os.PathLike[str]) -> None:
    """Make the name of a new file durable, where the file system has such a thing; Windows needs none."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
        finally:
            os.close(descriptor)


__all__ = ["flush_folder", "flush_to_disk", "locked"]
