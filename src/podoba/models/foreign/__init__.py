"""Published ONNX graphs of others made into model files of ours, without torch."""
