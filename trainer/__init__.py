"""From a folder of audio loops to a bundle of tiny decoders."""
