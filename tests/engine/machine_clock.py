"""A machine's clock for a process of its own: set forward, back or still, while the process runs.

Underneath is a small library that is loaded before the C library and answers for the clock on the
wall; monotonic seconds are left alone, as a machine leaves them alone when its clock is set.
"""

import mmap
import shutil
import struct
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t, struct timespec *);
static volatile long *hands;

__attribute__((constructor)) static void begin(void) {
    real = dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("MACHINE_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file >= 0) {
        hands = mmap(NULL, 2 * sizeof(long), PROT_READ, MAP_SHARED, file, 0);
        close(file);
        if (hands == MAP_FAILED) hands = NULL;
    }
}

int clock_gettime(clockid_t which, struct timespec *at) {
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, at);
    if (!failed && hands && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        if (hands[1]) { at->tv_sec = hands[1]; at->tv_nsec = 0; }
        at->tv_sec += hands[0];
    }
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


def library(folder: Path) -> Path:
    """The library, compiled."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    made, source = folder / "machine_clock.so", folder / "machine_clock.c"
    source.write_text(SOURCE)
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"]
    subprocess.run(words, check=True)
    return made


class MachineClock:
    """The clock of one machine; right until it is set."""

    def __init__(self, library: Path, place: Path) -> None:
        place.write_bytes(bytes(16))
        with place.open("r+b") as file:
            self._hands = mmap.mmap(file.fileno(), 16)
        self.environment = {"LD_PRELOAD": str(library), "MACHINE_CLOCK": str(place)}

    def set(self, wrong_by: timedelta) -> None:
        """Let it run, wrong by so much."""
        self._hands[:] = struct.pack("=qq", int(wrong_by.total_seconds()), 0)

    def stop(self, at_seconds: float) -> None:
        """Let it stand still at an instant, in seconds since 1970."""
        self._hands[:] = struct.pack("=qq", 0, int(at_seconds))
