#!/usr/bin/env python3
"""Writes networks as other programs export them, into the folder of this file: small ones with random parameters. They
are kept, so that imported.py needs none of these programs.

Usage: record.py torch | keras | tf2onnx
  torch     needs torch, onnx, onnxscript, safetensors
  keras     needs keras with its torch backend, onnx, onnxscript (KERAS_BACKEND=torch)
  tf2onnx   needs tensorflow, tf2onnx
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
INPUTS, UNITS, OUTPUTS = 6, 9, 3  # as models.py has them


def write_torch():
    import torch
    from safetensors.torch import save_file
    from torch import nn

    torch.manual_seed(1)
    nets = {
        "relu": nn.Sequential(nn.Linear(INPUTS, UNITS), nn.ReLU(), nn.Linear(UNITS, UNITS), nn.ReLU(),
                              nn.Linear(UNITS, OUTPUTS), nn.Softmax(1)),
        "mixed": nn.Sequential(nn.Flatten(), nn.Linear(INPUTS, UNITS), nn.GELU(), nn.Dropout(0.2), nn.Linear(UNITS, UNITS),
                               nn.SiLU(), nn.Linear(UNITS, UNITS, bias=False), nn.Tanh(), nn.Linear(UNITS, 2)),
        "other": nn.Sequential(nn.Linear(INPUTS, UNITS), nn.ELU(), nn.Linear(UNITS, UNITS), nn.Mish(),
                               nn.Linear(UNITS, UNITS), nn.GELU(approximate="tanh"), nn.Linear(UNITS, UNITS),
                               nn.LeakyReLU(0.2), nn.Linear(UNITS, UNITS), nn.SELU(), nn.Linear(UNITS, UNITS), nn.Softplus(),
                               nn.Linear(UNITS, OUTPUTS), nn.Sigmoid()),
    }
    shared = nn.Linear(INPUTS, INPUTS)
    nets["shared"] = nn.Sequential(shared, nn.Tanh(), shared, nn.ReLU(), nn.Linear(INPUTS, 1))
    example = torch.zeros(1, INPUTS)
    for name, net in nets.items():
        net.eval()
        names = {"input_names": ["x"], "output_names": ["y"]}
        torch.onnx.export(net, (example,), HERE / f"torch-legacy-{name}.onnx", dynamo=False, dynamic_axes={"x": {0: "n"}},
                          **names)
        torch.onnx.export(net, (example,), HERE / f"torch-dynamo-{name}.onnx", dynamo=True, external_data=False,
                          dynamic_shapes=({0: torch.export.Dim("n")},), **names)
    net = nets["relu"]
    save_file(net.state_dict(), HERE / "torch-relu.safetensors")


def keras_nets(first):
    import keras

    keras.utils.set_random_seed(1)
    dense = keras.layers.Dense
    yield "relu", keras.Sequential([keras.Input((INPUTS,)), dense(UNITS, "relu"), dense(UNITS, "relu"),
                                    dense(OUTPUTS, "softmax")])
    yield "mixed", keras.Sequential([keras.Input((INPUTS,)), keras.layers.Flatten(), dense(UNITS, first),
                                     keras.layers.Dropout(0.2), dense(UNITS, "swish"), dense(UNITS, use_bias=False),
                                     keras.layers.LeakyReLU(negative_slope=0.3), dense(UNITS, "elu"), dense(UNITS, "selu"),
                                     dense(UNITS, "softplus"), dense(2)])
    scaled = keras.Sequential([keras.Input((INPUTS,)), keras.layers.Rescaling(1 / 255, offset=-0.5), dense(UNITS, "tanh"),
                               dense(1, "sigmoid")])
    yield "scaled", scaled


def write_keras():
    import numpy

    for name, net in keras_nets("gelu"):
        net(numpy.zeros((1, INPUTS), "float32"))
        net.export(HERE / f"keras-{name}.onnx", format="onnx")


def write_tf2onnx():
    import tensorflow as tf
    import tf2onnx

    for name, net in keras_nets("mish"):  # of gelu it leaves an operator of TensorFlow
        signature = [tf.TensorSpec((None, INPUTS), tf.float32, name="x")]
        function = tf.function(lambda x, net=net: net(x), input_signature=signature)
        tf2onnx.convert.from_function(function, signature, opset=13, output_path=str(HERE / f"tf2onnx-{name}.onnx"))


if __name__ == "__main__":
    kinds = {"torch": write_torch, "keras": write_keras, "tf2onnx": write_tf2onnx}
    if sys.argv[1:] not in [[kind] for kind in kinds]:
        sys.exit(__doc__)
    kinds[sys.argv[1]]()
