#!/bin/sh
# Trains 784-128-10 on Fashion-MNIST, evaluates it on the test images and predicts a few of them.
# Usage: BUILD=build scripts/demo.sh; EPOCL_DEVICE chooses the device.
set -eu
cd "$(dirname "$0")/.."

build=${BUILD:-build}
epocl=$build/epocl
data=/usr/share/datasets/fashion-mnist
run=$build/demo
device=${EPOCL_DEVICE:-auto}

test_images=$data/t10k-images-idx3-ubyte.gz
test_labels=$data/t10k-labels-idx1-ubyte.gz

echo
echo '== The OpenCL devices of this machine'
"$epocl" devices

echo
echo '== Training 784-128-10 on 60,000 images of clothes, in 10 classes'
"$epocl" train --data "$data/train-images-idx3-ubyte.gz" --labels "$data/train-labels-idx1-ubyte.gz" \
    --hidden 128 --epochs 5 --seed 1 --device "$device" --output "$run" --force

echo
echo '== Evaluating on the 10,000 test images'
"$epocl" evaluate --model "$run/model.safetensors" --data "$test_images" --labels "$test_labels" --device "$device"

echo
echo '== Classes predicted for the first ten test images, and their labels'
"$epocl" predict --model "$run/model.safetensors" --data "$test_images" --device "$device" > "$run/predictions.csv"
echo "predicted  $(sed -n 2,11p "$run/predictions.csv" | paste -s -d ' ' -)"
echo "labels    $(gzip -dc "$test_labels" | od -An -v -tu1 -j 8 -N 10 | tr -s ' ')"

cat << END

The model is $run/model.safetensors; beside it are history.csv, config.json and predictions.csv.
Next:
    $epocl inspect --model $run/model.safetensors
    $epocl train --help
    $epocl bench
    make check
END
