"""How published repositories are laid out: the names of their files."""

OWN = "model.onnx"  # at the root: a model file of ours where it has a card, else somebody's graph
IMAGE_GRAPHS = ("onnx/vision_model.onnx", "onnx/model.onnx", "visual/model.onnx", OWN)  # in the order of search
TEXT_GRAPHS = ("onnx/text_model.onnx", "onnx/model.onnx", "textual/model.onnx", OWN)
OUTSIDE = ("_data", ".data")  # what the name of a graph has behind it in those of files with its weights
NETWORK, README = "config.json", "README.md"
PROCESSORS = ("preprocessor_config.json", "processor_config.json", "preprocess_cfg.json", "open_clip_config.json")
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
