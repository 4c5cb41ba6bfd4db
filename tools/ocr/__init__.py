"""Reads the text off a picture with PP-OCRv4: what tools/demo runs.

`detect` finds the boxes, `recognise` reads them, `engine` runs the two networks (compiled by Tilewright, or with
onnxruntime for comparison), `__main__` is the command.
"""
