"""Files that are compressed by zstd, by the library that the extension is built with (libzstd.so.1).

Where that is missing, a file is a frame's magic number and no more: no build reads it,
and each names it. Standard library only.
"""
import ctypes

MAGIC, SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"  # of a frame; behind the first byte of another
LEVEL, CONTENT_SIZE, CHECKSUM = 100, 200, 201  # of ZSTD_cParameter

try:
    LIBRARY = ctypes.CDLL("libzstd.so.1")
    LIBRARY.ZSTD_createCCtx.restype = ctypes.c_void_p
    LIBRARY.ZSTD_compressBound.restype = ctypes.c_size_t
    LIBRARY.ZSTD_compress2.restype = ctypes.c_size_t
except OSError:
    LIBRARY = None


def frame(data, **more):
    """Bytes as a frame; more: parameters (checksum=0, content_size=0, level=…)."""
    if LIBRARY is None:
        return MAGIC
    context = ctypes.c_void_p(LIBRARY.ZSTD_createCCtx())
    parameters = {"checksum": 1, **more}
    for name, value in parameters.items():
        LIBRARY.ZSTD_CCtx_setParameter(context, globals()[name.upper()], value)
    size = LIBRARY.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(size)
    size = LIBRARY.ZSTD_compress2(context, out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
    LIBRARY.ZSTD_freeCCtx(context)
    return out.raw[:size]


def skippable(data, number=0):
    """Bytes as a skippable frame, which readers pass over."""
    return bytes([0x50 + number]) + SKIPPABLE + len(data).to_bytes(4, "little") + data
