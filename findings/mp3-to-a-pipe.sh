#!/usr/bin/env bash
# An MP3 of variable rate that was written to a pipe is read only in part, without an error.
#
# soundfile 0.13.1 (libsndfile 1.2.2), imageio-ffmpeg 0.6.0, numpy 2.4.6, Python 3.11.
#
# ffmpeg writes the length of an MP3 into its first frame when it can go back there, which it cannot on a pipe. Without it
# libsndfile estimates the length from the size of the file and the bit rate of the beginning, and ends reading at that
# estimate although frames follow: of 40 s that begin with 10 s of noise (a high rate) and go on with a quiet tone (a low
# rate) it gives 7 s, and `info` says 7 s too. ffmpeg reads all of the same bytes.
#
# What to do: never let an announced or estimated length end the reading of an MP3; walk its frames.
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

RATE = 22050
ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
noise = 0.3 * numpy.random.default_rng(1).standard_normal(10 * RATE)
tone = 0.05 * numpy.sin(2 * numpy.pi * 220 * numpy.arange(30 * RATE) / RATE)
sound = (numpy.clip(numpy.concatenate([noise, tone]), -1, 1) * 32767).astype("<i2").tobytes()
mp3 = subprocess.run(
    [*ffmpeg, "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-", "-q:a", "4", "-f", "mp3", "-"],
    input=sound, capture_output=True, check=True,
).stdout
read = len(soundfile.read(io.BytesIO(mp3))[0]) / RATE
said = soundfile.info(io.BytesIO(mp3)).duration
whole = len(subprocess.run([*ffmpeg, "-i", "-", "-f", "s16le", "-"], input=mp3, capture_output=True, check=True).stdout) / 2 / RATE
print(f"libsndfile {soundfile.__libsndfile_version__}: read {read:.1f} s, info says {said:.1f} s; ffmpeg reads {whole:.1f} s")
assert 40 <= whole < 40.2, "ffmpeg no longer reads all of it"
assert read < 10 and said < 10, "libsndfile reads more than its estimate now"
PYTHON
