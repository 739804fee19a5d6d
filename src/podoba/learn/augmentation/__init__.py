"""Random changes of training images, batched on tensors."""
