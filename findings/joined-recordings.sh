#!/usr/bin/env bash
# Recordings joined with `cat` are read as the first one alone, without an error, and a joined FLAC loses sound in ffmpeg too.
#
# soundfile 0.13.1 (libsndfile 1.2.2), imageio-ffmpeg 0.6.0, numpy 2.4.6, Python 3.11.
#
# Ogg says that streams may follow one another in a file (chaining), and recorders and radio servers write such files. Of
# two recordings of 10 s each libsndfile gives 10 s, for Ogg Vorbis, Ogg Opus and FLAC. ffmpeg gives all 20 s of the Ogg
# files, but 19.8 s of the FLAC: the last block before the join is lost.
#
# What to do: look for the next stream where a decoder says that the file has ended, and decode each part by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install soundfile==0.13.1 imageio-ffmpeg==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import io
import subprocess

import imageio_ffmpeg
import numpy
import soundfile

RATE = 48000
ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
tone = (0.3 * numpy.sin(2 * numpy.pi * 440 * numpy.arange(10 * RATE) / RATE)).astype("float32")
for container, codec, low, high in [("OGG", "VORBIS", 19.99, 20.1), ("OGG", "OPUS", 19.99, 20.1), ("FLAC", "PCM_16", 19, 19.99)]:
    one = io.BytesIO()
    soundfile.write(one, tone, RATE, format=container, subtype=codec)
    joined = one.getvalue() * 2
    read = len(soundfile.read(io.BytesIO(joined))[0]) / RATE
    decoded = subprocess.run(
        [*ffmpeg, "-i", "-", "-f", "s16le", "-ar", str(RATE), "-"], input=joined, capture_output=True
    ).stdout
    other = len(decoded) / 2 / RATE
    print(f"{container} {codec}, twice 10 s: libsndfile {read:.2f} s, ffmpeg {other:.2f} s")
    assert read == 10, "libsndfile reads on behind the first stream now"
    assert low <= other < high, "ffmpeg reads joined streams differently now"
PYTHON
