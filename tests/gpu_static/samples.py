#!/usr/bin/env python3
"""samples.py FOLDER: writes inputs.idx and labels.idx, 1,200 samples of 784 bytes in 10 classes, which say nothing."""
import struct
import sys

SAMPLES, INPUTS, CLASSES = 1200, 784, 10
with open(f"{sys.argv[1]}/inputs.idx", "wb") as file:
    file.write(bytes([0, 0, 8, 2]) + struct.pack(">II", SAMPLES, INPUTS))
    file.write(bytes(i * 37 % 251 for i in range(SAMPLES * INPUTS)))
with open(f"{sys.argv[1]}/labels.idx", "wb") as file:
    file.write(bytes([0, 0, 8, 1]) + struct.pack(">I", SAMPLES) + bytes(i % CLASSES for i in range(SAMPLES)))
