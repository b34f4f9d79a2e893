#!/usr/bin/env python3
"""Writes what the fuzz targets start from: small valid files of every kind, and some that are nearly valid.

Usage: make_seeds.py FOLDER    writes FOLDER/TARGET/NAME; the same bytes each time
"""
import gzip
import json
import math
import struct
import sys
import zlib
from pathlib import Path

folder = Path(sys.argv[1])


def write(target, name, data):
    (folder / target).mkdir(parents=True, exist_ok=True)
    (folder / target / name).write_bytes(data if isinstance(data, bytes) else data.encode())


# ---- IDX ---------------------------------------------------------------------------------------

BYTES, SIGNED, SHORTS, INTS, FLOATS, DOUBLES = 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E


def idx(value_type, dimensions, payload):
    return bytes([0, 0, value_type, len(dimensions)]) + struct.pack(f">{len(dimensions)}I", *dimensions) + payload


def floats(*values):
    return struct.pack(f">{len(values)}f", *values)


inputs = {
    "bytes": idx(BYTES, [2, 3], bytes([0, 1, 2, 253, 254, 255])),
    "images": idx(BYTES, [3, 2, 2], bytes(range(12))),
    "floats": idx(FLOATS, [2, 2], floats(0.5, -1.0, 3e38, 1e-45)),
    "deep": idx(BYTES, [2] + [1] * 254, bytes(2)),
    "one": idx(BYTES, [1, 1], b"x"),
    "not_finite": idx(FLOATS, [1, 3], floats(1.0, math.nan, math.inf)),
    "declares_2_31": idx(BYTES, [1 << 31, 1], b"abc"),
    "declares_2_32": idx(BYTES, [0xFFFFFFFF, 0xFFFFFFFF], b"abc"),
    "declares_wrap": idx(FLOATS, [1 << 31, 1 << 12, 1 << 12], b"abc"),
    "empty_samples": idx(BYTES, [2, 0], b""),
    "wrong_type": idx(DOUBLES, [1, 1], bytes(8)),
}
labels = {
    "bytes": idx(BYTES, [4], bytes([0, 9, 255, 1])),
    "signed": idx(SIGNED, [3], bytes([0, 127, 5])),
    "shorts": idx(SHORTS, [2], struct.pack(">2h", 0, 32767)),
    "ints": idx(INTS, [2], struct.pack(">2i", 7, (1 << 20) - 1)),
    "negative": idx(INTS, [2], struct.pack(">2i", 7, -1)),
    "too_large": idx(INTS, [1], struct.pack(">i", 1 << 20)),
    "declares_2_31": idx(INTS, [1 << 31], bytes(8)),
    "values": idx(FLOATS, [2], floats(1.5, -2.0)),
    "matrix": idx(FLOATS, [2, 2], floats(0.0, 1.0, 2.0, -1.0)),
    "not_finite": idx(FLOATS, [1, 2], floats(0.0, math.inf)),
    "answers": idx(BYTES, [2, 3], bytes([0, 1, 1, 0, 0, 1])),
    "no_answers": idx(BYTES, [2, 2], bytes([0, 1, 2, 0])),
}
for name, data in inputs.items():
    write("idx_inputs", name, data)
    write("idx_inputs", name + "_cut", data[:-1])
for name, data in labels.items():
    write("idx_labels", name, data)
    write("idx_labels", name + "_long", data + b"\0")

# ---- Gzip --------------------------------------------------------------------------------------


def pack(data, level=9):
    return gzip.compress(data, level, mtime=0)


NAMED = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x03\x00abc" + b"name\0" + b"comment\0"  # FEXTRA, FNAME, FCOMMENT, FHCRC
named = NAMED + struct.pack("<H", zlib.crc32(NAMED) & 0xFFFF) + pack(inputs["images"])[10:]
gzips = {name: pack(data) for name, data in inputs.items()} | {
    "stored": pack(inputs["images"], 0),
    "fixed_codes": pack(inputs["images"], 1),
    "dynamic_codes": pack(idx(BYTES, [4, 64], bytes((7 * i * i) % 23 for i in range(256)))),
    "members": pack(inputs["images"][:9]) + pack(inputs["images"][9:]),
    "empty_members": pack(b"") + pack(inputs["images"]) + pack(b""),
    "named": named,
    "bomb": pack(idx(BYTES, [1, 1 << 17], bytes(1 << 17))),
    "bomb_past_its_header": pack(inputs["bytes"] + bytes(1 << 17)),
    "trailing": pack(inputs["bytes"]) + b"\0",
}
for name, data in gzips.items():
    write("idx_gzip", name, data)
    write("gzip", name, data)
write("gzip", "plain", inputs["images"])

# ---- Safetensors and models --------------------------------------------------------------------


def safetensors(header, data, pad=8):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % pad)
    return struct.pack("<Q", len(text)) + text + data


def tensors(shapes, value_type="F32", value_bytes=4):
    header, at = {}, 0
    for name, shape in shapes.items():
        count = value_bytes * math.prod(shape)
        header[name] = {"dtype": value_type, "shape": shape, "data_offsets": [at, at + count]}
        at += count
    return header, bytes(i % 61 for i in range(at))


def model(units, activation="sigmoid", cost="cross-entropy", normalization="none", more={}):
    shapes = {"input.scale": [units[0]], "input.shift": [units[0]]}
    for i, (count, below) in enumerate(zip(units[1:], units)):
        shapes |= {f"layers.{i}.weight": [count, below], f"layers.{i}.bias": [count]}
    header, data = tensors(shapes | more)
    header["__metadata__"] = {"format": "epocl", "format_version": "1", "epocl_version": "0.1.0",
                              "layers": ",".join(map(str, units)), "activation": activation, "cost": cost,
                              "normalization": normalization}
    return header, data


def changed(pair, *path_and_value):
    header, data = json.loads(json.dumps(pair[0])), pair[1]
    *path, last, value = path_and_value
    place = header
    for key in path:
        place = place[key]
    place[last] = value
    return header, data


def table_model(units, text, numbers, cost):
    """A network with an encoder: two tensors more."""
    header, data = model(units, "relu", cost, "encoder", {"encoder.numbers": [len(numbers)]})
    data = data[:len(data) - 4 * len(numbers)] + struct.pack(f"<{len(numbers)}f", *numbers)
    text = json.dumps(text, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    header["encoder.text"] = {"dtype": "U8", "shape": [len(text)], "data_offsets": [len(data), len(data) + len(text)]}
    return header, data + text


def ensemble(shapes, weights, cost="softmax-cross-entropy"):
    """Members with layers of their own behind the same inputs."""
    layers = {"input.scale": [shapes[0][0]], "input.shift": [shapes[0][0]]}
    for k, units in enumerate(shapes):
        for i, (count, below) in enumerate(zip(units[1:], units)):
            layers |= {f"members.{k}.layers.{i}.weight": [count, below], f"members.{k}.layers.{i}.bias": [count]}
    header, data = tensors(layers)
    header["__metadata__"] = {"format": "epocl", "format_version": "2", "epocl_version": "0.1.0",
                              "layers": ";".join(",".join(map(str, units)) for units in shapes), "activation": "relu",
                              "cost": cost, "normalization": "none", "members": str(len(shapes)),
                              "member_weights": ",".join(map(str, weights))}
    return header, data


age = {"name": "age", "kind": "number", "missing": True, "knots": 2, "edges": 3}
city = {"name": "city", "kind": "category", "levels": ["Oslo", None, "Bod\u00f8"], "rest": True}
side = {"name": "side", "kind": "category", "levels": ["left", "right"], "rest": False}
AGES = [18, 90, -3, 3, 18, 40, 90]
small = model([2, 3, 2])
models = {
    "one_layer": model([1, 1]),
    "small": small,
    "quadratic": model([2, 2], "identity", "quadratic", "zscore"),
    "other_tensor": model([1, 1], more={"other": [2]}),
    "deep": model([1] * 9),
    "table_of_values": table_model([9, 1], {"columns": [age, city, side], "targets": ["price"], "classes": [], "id": "nr"},
                                   [*AGES, 100, 25, 20, 300], "squared"),
    "table_of_classes": table_model([4, 3, 2], {"columns": [age], "targets": ["sold"], "classes": ["no", "yes"]},
                                    [*AGES, 0, 1, 0, 0], "softmax-cross-entropy"),
    "table_of_others": table_model([5, 2], {"columns": [age, side], "targets": ["a", "b"], "classes": []},
                                   [*AGES, 0, 1, 0, 0, 0, 1, 0, 0], "squared"),
    "ensemble": ensemble([[2, 3, 2], [2, 1, 1, 2]], [1, 7]),
    "ensemble_of_many": ensemble([[1, 1]] * 5, [1] * 5, "squared"),
    "ensemble_of_more": changed(ensemble([[1, 1]] * 2, [1] * 2), "__metadata__", "members", "3"),
    "ensemble_without_weights": changed(ensemble([[1, 1]] * 2, [1] * 2), "__metadata__", "member_weights", "1,0"),
    "further_layer": model([1, 1], more={"layers.1.gain": [1]}),
    "other_layers": changed(small, "__metadata__", "layers", "2,4,2"),
    "huge_layers": changed(small, "__metadata__", "layers", "4294967296,16777216,2"),
    "no_activation": changed(small, "__metadata__", "activation", "rely"),
    "overlap": changed(small, "layers.0.bias", "data_offsets", [0, 12]),
    "huge_shape": changed(small, "layers.0.bias", "shape", [1 << 31, 1 << 32]),
    "negative": changed(small, "layers.0.bias", "data_offsets", [-12, 0]),
    "2_64": changed(small, "layers.0.bias", "data_offsets", [0, (1 << 64) - 1]),
}
others = {
    "empty": ({}, b""),
    "half": tensors({"a": [2, 3], "b": [0], "c": []}, "F16", 2),
    "longs": tensors({"step": [1], "state": [4]}, "I64", 8),
    "dimensions": tensors({"a": [1, 1, 1, 1, 1, 1, 1, 2]}, "U8", 1),
    "too_many_dimensions": tensors({"a": [1] * 9}, "U8", 1),
    "escapes": tensors({'a"\\\n\u00e9\U0001f600': [1]}, "BOOL", 1),
    "negative_shape": tensors({"a": [0, -1]}),
    "metadata": ({"__metadata__": {"key": "value"}}, b""),
    "metadata_wrong": ({"__metadata__": {"key": 1}}, b""),
    "nested": (b'{"a":' + b"[" * 60 + b"]" * 60 + b"}", b""),
    "empty_objects": (b'{"a":[' + b",".join([b"{}"] * 600) + b"]}", b""),
    "twice": (b'{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":1}', b"x"),
    "numbers": (b'{"a":{"dtype":"F32","shape":[1e0,-0,1.5,99999999999999999999],"data_offsets":[0,4]}}', b"abcd"),
}
for name, pair in models.items():
    write("model", name, safetensors(*pair))
for name, pair in (others | models).items():
    write("safetensors", name, safetensors(*pair))
for target in ("model", "safetensors"):
    write(target, "length_2_64", b"\xff" * 8 + safetensors(*small)[8:])
    write(target, "length_2_32", struct.pack("<Q", 1 << 32) + safetensors(*small)[8:])
    write(target, "length_0", bytes(8))
    write(target, "cut", safetensors(*small)[:-1])

# ---- Tables --------------------------------------------------------------------------------------

tables = {
    "plain": "a,b,y\n1,2,0\n3,4,1\n",
    "texts": "id;name;y\r\n007;\"x; \"\"y\"\"\";NA\r\n8;z;1\r\n",
    "late_text": "a,b\n1,2\n3,4\nx,5\n,6\n",
    "tabs": "a\tb\n1.5\t-2e3\n\tinf\n",
    "no_header": "1|2\n3|4\n\n5|6",
    "lines_in_quotes": "a,b\n\"x\n\ny\",1\n\"z\",2\n",
    "ends_with_separator": "a,b\n1,2,\n3,4,\n",
    "ragged": "a,b\n1\n2,3\n4,5,6\n",
    "dates": "t,u\n2024-01-31,12:30\n31.1.2024,1:30 pm\n",
    "one_column": "y\n1\n\n2\n",
    "commas": "a;b\n1,5;1'234\n2,5;?\n",
    "comment": "#x\na b\n1 2\n",
}
for i, (name, text) in enumerate(tables.items()):
    for choice in (0, 8, 1 << i % 8):
        write("table_csv", f"{name}_{choice}", bytes([choice]) + text.encode())
cells = [(0, "12,-3,007,12345678,123456789\n4,5.5,,-0,+1\n"), (0, "\"12\",12 , 34,5\"6\n99999999,16777217\n12345678"),
         (4, "1 22  333\r\n4444 55555 \r"), (5, "1-2-3\n"), (6, "15253\n")]
for i, (separator, text) in enumerate(cells):
    for goes_on in (0, 128):
        write("csv_cells", f"{i}_{goes_on}", bytes([separator + goes_on]) + text.encode())
write("table_csv", "bom", b"\0\xef\xbb\xbf" + tables["plain"].encode())
write("table_csv", "utf16_little", b"\0\xff\xfe" + tables["texts"].encode("utf-16-le"))
write("table_csv", "utf16_big", b"\0\xfe\xff" + "a,\U0001f600\n1,\u00e9\n".encode("utf-16-be"))
for name, text in {"plain": "1 1:0.5 3:2\n-1 2:1\n", "zero": "0.5 0:1 2:3 # x\n\n1 qid:1 1:nan\n", "bad": "1 2:1 1:1\n",
                   "labels": "1,2 1:1\n", "last": "1 999:1e30\n2"}.items():
    write("table_libsvm", name, text)


def npy(value_type, shape, data, fortran=False, version=1):
    text = str({"descr": value_type, "fortran_order": fortran, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def archive(members, level):
    """A zip archive: local headers and members, then the directory."""
    body, directory = b"", b""
    for name, data in members.items():
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflate.compress(data) + deflate.flush() if level else data
        facts = struct.pack("<HHHIIIHH", 8 if level else 0, 0, 0, zlib.crc32(data), len(packed), len(data), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + facts
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + struct.pack("<HH", 20, 0) + facts + name.encode() + packed
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)


arrays = {
    "floats": npy("<f4", (2, 3), bytes(24)),
    "fortran": npy(">f8", (2, 1, 2), bytes(range(32)), True),
    "halves": npy("<f2", (4,), bytes(range(8)), version=2),
    "integers": npy("<i8", (2,), bytes(range(16)), version=3),
    "texts": npy("<U2", (2, 1), "ab\0\0".encode("utf-32-le")),
    "letters": npy("|S2", (3,), b"a\0b\0cd"),
    "truths": npy("|b1", (1, 5), bytes([0, 1, 1, 0, 1])),
    "objects": npy("|O", (1,), b"x"),
    "declares_2_31": npy("|u1", (1 << 31, 1 << 20), b"x"),
}
for name, data in arrays.items():
    write("table_npy", name, data)
for level in (0, 9):
    write("table_npy", f"archive_{level}", archive({"X.npy": arrays["floats"], "y.npy": arrays["integers"]}, level))
    write("table_npy", f"names_{level}", archive({"a.npy": arrays["letters"], "note": b"x"}, level))

# ---- The cache ---------------------------------------------------------------------------------


def cache(*lines):
    text = "".join(line + "\n" for line in lines)
    return f"epocl cache 1 {zlib.crc32(text.encode()):08x}\n{text}"


SHAPE = "784-128-10 sigmoid cross-entropy batch 32"
write("cache", "empty", cache())
write("cache", "small", cache("device\ta device", f"matmul {SHAPE}\ttile:8x2x16", "key\tvalue"))
write("cache", "plan", cache(f"plan tile:8x2x16 {SHAPE}\t1000 2000 0"))
write("cache", "twice", cache("key\tone", "key\ttwo", "key"))
write("cache", "longest", cache("key\t" + "x" * 255, "k" * 255 + "\t" + "y" * 255))
write("cache", "too_long", cache("key\t" + "x" * 256))
write("cache", "empty_key", cache("\tvalue", "\t", ""))
write("cache", "damaged", cache("key\tvalue")[:-2] + "f\n")
write("cache", "other_version", cache("key\tvalue").replace(" 1 ", " 2 "))

# ---- Checkpoints -------------------------------------------------------------------------------

FACTS = ["seed", "batch_size", "data", "valid_data", "matmul", "device", "driver", "epocl"]


def checkpoint(units, epoch_count, first, sample_count=10, correct=3, learning_rate=0.3, seconds=(1.5,), facts=FACTS):
    """A run with finished epochs, and one in progress unless first is sample_count; `checked` adds the checksum."""
    shapes = {"epocl.history": [epoch_count, 7], "epocl.seconds": [len(seconds)]}
    header, data = tensors(shapes, "F64", 8)
    rows = [[i + 1, sample_count, 0.5, 0.25, math.nan, math.nan, 0.125] for i in range(epoch_count)]
    data = b"".join(struct.pack("<7d", *row) for row in rows) + struct.pack(f"<{len(seconds)}d", *seconds)
    epoch = epoch_count + (first < sample_count)
    state = struct.pack("<8I2f2I", 1, 0, epoch, min(first, 1), first, 0, sample_count, correct, 2.5, 0.0, 0, 0)
    network, values = model(units)
    for name, shape, value_type, value in [("epocl.learning_rate", [1], "F32", struct.pack("<f", learning_rate)),
                                           ("epocl.state", [12], "U32", state)]:
        header[name] = {"dtype": value_type, "shape": shape, "data_offsets": [len(data), len(data) + len(value)]}
        data += value
    for name, entry in network.items():
        if name != "__metadata__":
            entry["data_offsets"] = [at + len(data) for at in entry["data_offsets"]]
    header |= network
    header["__metadata__"] |= {"training." + fact: "1" for fact in facts} | {"checkpoint_version": "1"}
    return header, data + values


def checked(header, data):
    header["epocl.checksum"] = {"dtype": "U32", "shape": [1], "data_offsets": [len(data), len(data) + 4]}
    data = safetensors(header, data)
    return data + struct.pack("<I", zlib.crc32(data))


write("checkpoint", "finished", checked(*checkpoint([2, 3, 2], 2, 10)))
write("checkpoint", "within", checked(*checkpoint([2, 2], 1, 4)))
write("checkpoint", "begun", checked(*checkpoint([1, 1], 0, 0, correct=0)))
write("checkpoint", "past_its_end", checked(*checkpoint([1, 1], 1, 11)))
write("checkpoint", "too_many_right", checked(*checkpoint([1, 1], 1, 4, correct=5)))
write("checkpoint", "not_finite", checked(*checkpoint([1, 1], 1, 4, seconds=(math.inf,))))
write("checkpoint", "seconds_twice", checked(*checkpoint([1, 1], 1, 4, seconds=(0.5, 0.5))))
write("checkpoint", "fact_missing", checked(*checkpoint([1, 1], 1, 4, facts=FACTS[:-1])))
write("checkpoint", "not_checked", safetensors(*checkpoint([1, 1], 1, 4)))
write("checkpoint", "damaged", checked(*checkpoint([1, 1], 1, 4))[:-1] + b"x")
write("checkpoint", "model", safetensors(*small))



def ensemble_checkpoint(members, epoch_count, kept, seconds=1.5, version="2"):
    """Rows of members, each with the file of those that have one; rows of kept networks."""
    parts = [("epocl.history", [epoch_count, 11], "F64",
              b"".join(struct.pack("<11d", i + 1, 20, 2, 1, 1, 1, .5, .4, .4, .45, .1) for i in range(epoch_count))),
             ("epocl.seconds", [1], "F64", struct.pack("<d", seconds)),
             ("epocl.members", [len(members), 3], "U32", b"".join(struct.pack("<3I", *row) for row, _ in members)),
             ("epocl.improved", [len(members)], "F64", struct.pack(f"<{len(members)}d", *[.5] * len(members))),
             ("epocl.kept", [len(kept), 2], "U32", b"".join(struct.pack("<2I", *row) for row in kept))]
    files = {f"members.{k}": file for k, (_, file) in enumerate(members) if file} | ({"ensemble": b"all"} if kept else {})
    parts += [(name, [len(file)], "U8", file) for name, file in files.items()]
    header, data = {}, b""
    for name, shape, value_type, value in parts:
        header[name] = {"dtype": value_type, "shape": shape, "data_offsets": [len(data), len(data) + len(value)]}
        data += value
    header["__metadata__"] = {"ensemble_checkpoint_version": version, "training.valid_data": "x", "plan": "layered"}
    return checked(header, data)


trained, ended, useless = ((1, 2, 1), b"one"), ((0, 1, 1), b"best"), ((0, 0, 0), b"")
write("ensemble_checkpoint", "finished", ensemble_checkpoint([trained, ended, useless], 2, [(1, 1), (0, 2)]))
write("ensemble_checkpoint", "begun", ensemble_checkpoint([((1, 0, 0), b"one")], 0, []))
write("ensemble_checkpoint", "no_file", ensemble_checkpoint([((1, 0, 0), b"")], 1, [(0, 1)]))
write("ensemble_checkpoint", "later", ensemble_checkpoint([((1, 0, 3), b"one")], 1, [(0, 2)]))
write("ensemble_checkpoint", "not_finite", ensemble_checkpoint([trained], 1, [(0, 1)], seconds=math.nan))
write("ensemble_checkpoint", "other_version", ensemble_checkpoint([trained], 1, [(0, 1)], version="1"))

# ---- A run's configuration ---------------------------------------------------------------------

SETTINGS = {"data": "/data/x", "labels": "y", "valid": None, "valid_labels": None, "valid_split": 0.125,
            "normalize": "auto", "hidden": [9, 5], "activation": "sigmoid", "cost": "cross-entropy", "epochs": 2,
            "batch_size": 32, "learning_rate": 0.3, "seed": "18446744073709551615", "device": "auto",
            "matmul": "tile:8x2x16", "plan": "resident:2", "tune": "quick", "checkpoint_every": "60s"}


def config(changes=None, **members):
    settings = {name: value for name, value in (SETTINGS | (changes or {})).items() if value != "left out"}
    return json.dumps({"schema": 1, "epocl": "0.1.0", "folder": "/", "settings": settings} | members)


write("config", "whole", config(network={"layers": []}, device={"name": "a device"}, plan="layered, matmul plain"))
write("config", "bytes", config({"data": {"percent_encoded": "/M%FCnchen%25"}}))
write("config", "relative", config({"data": "etc", "checkpoint_every": "5"}))
write("config", "defaults", config({name: "left out" for name in ("normalize", "hidden", "seed", "epochs")}))
write("config", "missing", config({"labels": "left out"}))
write("config", "foreign", config({"profile": "victim"}))
write("config", "foreign_member", config(note="by a stranger"))
write("config", "control", config({"normalize": "\x1b[31m\x9b"}))
write("config", "wrong_types", config({"data": 5, "epochs": -3, "hidden": [5.5]}))
write("config", "not_json", config()[:-9])
write("config", "other", "[{}]")
write("config", "deep", "[" * 300)

# ---- The command line --------------------------------------------------------------------------

DEVICES, TRAIN, EVALUATE, PREDICT, INSPECT, BENCH = range(6)
RUN = ["--data", "x", "--labels", "y"]
lines = {
    "devices": (DEVICES, ["--json"]),
    "train": (TRAIN, [*RUN, "--output", "run", "--hidden", "128,64", "-e", "3", "-b32", "--learning-rate=0.3"]),
    "train_valid": (TRAIN, [*RUN, "--valid", "v", "--valid-labels=w", "--valid-split", ".5", "--normalize", "zscore"]),
    "train_names": (TRAIN, [*RUN, "--activation", "sigmoid", "--loss", "quadratic", "--matmul", "tile", "-qs7"]),
    "train_plan": (TRAIN, [*RUN, "--plan", "resident", "--dry-run", "--force", "--", "word"]),
    "abbreviated": (TRAIN, ["--val", "x", "--epo", "3"]),
    "evaluate": (EVALUATE, ["--model", "m", *RUN, "-d", "cpu"]),
    "predict": (PREDICT, ["--model", "m", "--data", "x", "--proba", "--json"]),
    "inspect": (INSPECT, ["--model", "m", "--help"]),
    "bench": (BENCH, ["--net", "784-512-10", "--batch-size", "64", "--samples", "1000", "-q"]),
    "unknown": (TRAIN, ["--epocs", "3"]),
    "unknown_letter": (TRAIN, ["-qz"]),
    "value_missing": (TRAIN, ["--data"]),
    "value_for_a_flag": (TRAIN, ["--json=3"]),
    "empty_words": (TRAIN, ["", "--hidden", "", "-"]),
    "control": (TRAIN, ["--normalize", "\x1b[31m"]),
}
for name, (command, words) in lines.items():
    write("options", name, bytes([command]) + "\n".join(words).encode())

# ---- ONNX --------------------------------------------------------------------------------------


def varint(value):
    value &= (1 << 64) - 1
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def field(number, value):
    """A field of a message: a whole number, a float, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(operator, inputs, outputs, **attributes):
    kinds = {int: (3, 2), float: (2, 1), bytes: (5, 4)}
    parts = [field(1, name) for name in inputs] + [field(2, name) for name in outputs] + [field(4, operator)]
    for name, value in attributes.items():
        place, kind = kinds[type(value)]
        parts.append(field(5, field(1, name) + field(place, value) + field(20, kind)))
    return field(1, b"".join(parts))


def tensor(name, shape, listed=False, value_type=1):
    values = [(i * 5 % 7 - 3) / 4 for i in range(math.prod(shape))]
    codes = {1: "f", 7: "q", 11: "d"}
    data = struct.pack(f"<{len(values)}{codes[value_type]}", *(values if value_type != 7 else [-1, 2][: len(values)]))
    dimensions = b"".join(field(1, size) for size in shape)
    return dimensions + field(2, value_type) + field(8, name) + field(4 if listed else 9, data)


def onnx(nodes, tensors, inputs=("x",), outputs=("y",)):
    graph = b"".join(nodes) + field(2, "g") + b"".join(field(5, one) for one in tensors)
    graph += b"".join(field(11, field(1, name)) for name in inputs)
    graph += b"".join(field(12, field(1, name)) for name in outputs)
    return field(1, 7) + field(8, field(1, "") + field(2, 13)) + field(7, graph)


w, b, one, column = tensor("w", [2, 2]), tensor("b", [2]), tensor("one", []), tensor("c", [1, 2])
gemm = node("Gemm", ["x", "w", "b"], ["z"], transB=1)
graphs = {
    "gemm": onnx([node("Gemm", ["x", "w", "b"], ["y"], transB=1, alpha=0.5)], [w, b]),
    "keras": onnx([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["z"]), node("Relu", ["z"], ["r"]),
                   node("MatMul", ["r", "w"], ["s"]), node("Softmax", ["s"], ["y"], axis=-1)],
                  [w, tensor("b", [2], True)]),
    "scaled": onnx([node("Sub", ["x", "c"], ["m"]), node("Div", ["m", "one"], ["x2"]),
                    node("Gemm", ["x2", "w"], ["y"])], [w, column, one]),
    "silu": onnx([gemm, node("Sigmoid", ["z"], ["s"]), node("Mul", ["z", "s"], ["a"]), node("Identity", ["w"], ["v"]),
                  node("Gemm", ["a", "v"], ["o"]), node("Sigmoid", ["o"], ["y"]), node("ArgMax", ["o"], ["l"])],
                 [w, b], outputs=("l", "y")),
    "bent": onnx([gemm, node("LeakyRelu", ["z"], ["a"], alpha=0.25), node("Gemm", ["a", "w"], ["o"]),
                  node("Elu", ["o"], ["y"], alpha=0.5)], [w, b]),
    "constant": onnx([node("Constant", [], ["k"], value=one), gemm, node("Mul", ["k", "z"], ["t"]),
                      node("Sin", ["t"], ["y"])], [w, b]),
    "reshape": onnx([node("Reshape", ["x", "s"], ["r"]), node("Transpose", ["w"], ["t"]),
                     node("MatMul", ["r", "t"], ["y"])], [w, tensor("s", [2], value_type=7)]),
    "pair": onnx([node("MatMul", ["x", "v"], ["a"]), node("Sigmoid", ["a"], ["p"]), node("Sub", ["u", "p"], ["q"]),
                  node("Concat", ["q", "p"], ["y"], axis=1)],
                 [tensor("v", [2, 1]), field(2, 1) + field(8, "u") + field(9, struct.pack("<f", 1))]),
    "doubles": onnx([node("Gemm", ["x", "w"], ["z"]), node("Clip", ["z", "", "one"], ["y"])],
                    [tensor("w", [2, 2], value_type=11), one]),
    "conv": onnx([node("Conv", ["x", "w"], ["y"])], [w]),
    "outside": onnx([gemm], [w, b + field(14, 1)]),
    "skip": onnx([gemm, node("Gemm", ["z", "w"], ["a"]), node("Add", ["z", "a"], ["y"])], [w, b]),
    "short": onnx([gemm], [field(1, 1 << 31) + field(1, 1 << 31) + field(2, 1) + field(8, "w"), b]),
    "empty": b"",
}
for name, data in graphs.items():
    write("onnx", name, data)

numbers = ["0", "1", "2147483648", "4294967296", "18446744073709551615", "18446744073709551616", "0.3", ".5", "5.",
           "-2", "+1e-3", "1E2", "1e400", "1e-400", "4.9e-324", "nan", "infinity", "0x1p4", " 1", "1 ", "1,5", "--1",
           "1.2.3", "00", "1e", ".", "9007199254740993", "2.2250738585072011e-308"]
for i, text in enumerate(numbers):
    write("numbers", f"{i:02}", text)

lists = ["", "none", "1", "128", "128,64", "784-128-10", "16777216", "16777217", "65536-65536", "65537-2", "1,", ",1",
         "1,,2", "1;2", "0,1", "-1", "+1,2", " 1,2", "1-2-", "18446744073709551617,2", ",".join(["1"] * 64),
         ",".join(["1"] * 65), "-".join(["2"] * 64), "-".join(["2"] * 65),
         "9x2", "9:relu,8:tanh", "9x3:elu(0.5),8:relu", "9:relu,8", "9x:relu", "9:,8", "1x64:sine", "1x65"]
for i, text in enumerate(lists):
    write("unit_lists", f"{i:02}", text)
