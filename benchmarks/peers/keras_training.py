"""The paper's experiment as a user of Keras 3 and TensorFlow would write it; prints one JSON object.

Run by benchmarks/training.py inside the peers' environment: python keras_training.py IMAGES.npz --case CASE --epochs N
The images come as arrays, so decoding is not on this side's clock; nor are the imports.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers


class EpochSeconds(keras.callbacks.Callback):  # type: ignore[misc]
    """Remembers how long each epoch took, validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seconds.append(time.perf_counter() - self._started)


def augmentation_2() -> keras.Sequential:
    """Shift, zoom, rotation and horizontal flip, with the ranges that podoba's settings have by default."""
    return keras.Sequential(
        [
            layers.RandomTranslation(0.1, 0.1, fill_mode="reflect"),
            layers.RandomZoom((-0.1, 0.1), fill_mode="reflect"),
            layers.RandomRotation(10 / 360, fill_mode="reflect"),
            layers.RandomFlip("horizontal"),
        ],
        name="augmentation",
    )


def build_model(classes: int, *, trainable: bool, learning_rate: float) -> keras.Model:
    """VGG16 at 32x32 and the paper's head, compiled for cross-entropy."""
    backbone = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
    backbone.trainable = trainable
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = backbone(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(512, kernel_regularizer=keras.regularizers.L2(1e-4), name="descriptor")(x)
    x = layers.UnitNormalization(axis=-1)(x)
    outputs = layers.Dense(classes, activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main() -> None:
    """Train once and print seconds per epoch, the total and the last losses as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", help="an .npz with images uint8 (N, 32, 32, 3) and labels int64 (N,), validation last")
    parser.add_argument("--case", choices=["frozen", "augmented", "finetune"], required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--validation", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with np.load(arguments.images) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    keras.utils.set_random_seed(arguments.seed)

    started, processor = time.perf_counter(), time.process_time()
    held_out = round(len(images) * arguments.validation)
    kept = len(images) - held_out
    training = tf.data.Dataset.from_tensor_slices((images[:kept], labels[:kept]))
    training = training.shuffle(kept).batch(arguments.batch_size)
    if arguments.case == "augmented":
        augment = augmentation_2()
        training = training.map(
            lambda batch, target: (augment(batch, training=True), target), num_parallel_calls=tf.data.AUTOTUNE
        )
    training = training.prefetch(tf.data.AUTOTUNE)
    validation = tf.data.Dataset.from_tensor_slices((images[kept:], labels[kept:])).batch(arguments.batch_size)
    finetune = arguments.case == "finetune"
    model = build_model(int(labels.max()) + 1, trainable=finetune, learning_rate=1e-4 if finetune else 1e-3)
    clock = EpochSeconds()
    history = model.fit(
        training,
        validation_data=validation,
        epochs=arguments.epochs,
        callbacks=[clock],
        verbose=0,
    ).history
    total = time.perf_counter() - started
    json.dump(
        {
            "total": total,
            "processor_seconds": time.process_time() - processor,
            "epochs": clock.seconds,
            "loss": history["loss"][-1],
            "validation_loss": history["val_loss"][-1],
            "version": f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
