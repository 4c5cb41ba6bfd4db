"""Ten small transformers of Hugging Face's and torch's, as modules from named tensors to tensors."""

from collections.abc import Callable
from dataclasses import dataclass

import diffusers
import torch
import transformers
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

WIDTH, HEADS, LAYERS, WORDS = 32, 4, 2, 96
SIZE = WIDTH // HEADS


@dataclass
class Family:
    """`inputs`: name, dims (numbers, symbols, sums of symbols) and kind, as recipe.inputs reads them. `sizes`: what the symbols
    are; the first is what the model is exported with."""

    module: torch.nn.Module
    inputs: list[tuple[str, tuple, str]]
    sizes: list[dict[str, int]]


class Call(torch.nn.Module):
    """A function of a model and tensors, as a module."""

    def __init__(self, model: torch.nn.Module, function: Callable):
        super().__init__()
        self.model, self.function = model, function

    def forward(self, *tensors):
        return self.function(self.model, *tensors)


FAMILIES: dict[str, Callable[[str], Family]] = {}


def family(function: Callable[[str], Family]) -> Callable[[str], Family]:
    FAMILIES[function.__name__] = function
    return function


BATCH = {"batch": 2}
SEQUENCES = [{"batch": 2, "length": 12}, {"batch": 1, "length": 1}, {"batch": 3, "length": 33}]


@family
def bert(attention):
    config = transformers.BertConfig(vocab_size=WORDS, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                                     intermediate_size=64, max_position_embeddings=64, attn_implementation=attention)
    call = Call(transformers.BertModel(config, add_pooling_layer=False),
                lambda model, ids, mask: model(input_ids=ids, attention_mask=mask).last_hidden_state)
    return Family(call, [("input_ids", ("batch", "length"), f"ids {WORDS}"), ("attention_mask", ("batch", "length"), "mask")],
                  SEQUENCES)


@family
def vit(attention):
    config = transformers.ViTConfig(hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                                    intermediate_size=64, image_size=16, patch_size=4, attn_implementation=attention)
    call = Call(transformers.ViTModel(config, add_pooling_layer=False), lambda model, x: model(pixel_values=x).last_hidden_state)
    return Family(call, [("pixel_values", ("batch", 3, 16, 16), "normal")], [{"batch": 2}, {"batch": 1}, {"batch": 5}])


def flat(cache: DynamicCache) -> tuple[torch.Tensor, ...]:
    return tuple(t for layer in cache.layers for t in (layer.keys, layer.values))


def pasts(heads: int) -> list[tuple[str, tuple, str]]:
    return [(f"past_{kind}_{i}", ("batch", heads, "past", SIZE), "normal") for i in range(LAYERS) for kind in ("key", "value")]


def cache_of(past: tuple[torch.Tensor, ...]) -> DynamicCache:
    return DynamicCache(list(zip(past[::2], past[1::2])))


STEPS = [{"batch": 2, "length": 3, "past": 7}, {"batch": 1, "length": 1, "past": 1}, {"batch": 2, "length": 1, "past": 40},
         {"batch": 3, "length": 17, "past": 5}, {"batch": 1, "length": 4, "past": 9}]


def language_model(model: torch.nn.Module, heads: int) -> Family:
    """Tokens, a mask over past and present, caches in and out."""

    def step(model, ids, mask, *past):
        result = model(input_ids=ids, attention_mask=mask, past_key_values=cache_of(past), use_cache=True)
        return result.logits, *flat(result.past_key_values)

    inputs = [("input_ids", ("batch", "length"), f"ids {WORDS}"), ("attention_mask", ("batch", "past+length"), "mask")]
    return Family(Call(model, step), [*inputs, *pasts(heads)], STEPS)


@family
def gpt2(attention):
    config = transformers.GPT2Config(vocab_size=WORDS, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_positions=64,
                                     attn_implementation=attention)
    return language_model(transformers.GPT2LMHeadModel(config), HEADS)


@family
def gpt2_prefill(attention):
    """No padding, no caches: nothing but a causal mask. The old exporter does not get that far."""
    config = transformers.GPT2Config(vocab_size=WORDS, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_positions=64,
                                     attn_implementation=attention)
    call = Call(transformers.GPT2LMHeadModel(config), lambda model, ids: model(input_ids=ids, use_cache=False).logits)
    return Family(call, [("input_ids", ("batch", "length"), f"ids {WORDS}")], SEQUENCES)


@family
def llama(attention):
    config = transformers.LlamaConfig(vocab_size=WORDS, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                                      num_key_value_heads=2, intermediate_size=64, max_position_embeddings=64,
                                      attn_implementation=attention)
    return language_model(transformers.LlamaForCausalLM(config), 2)


@family
def llama_prefill(attention):
    """No caches: the whole prompt at once."""
    config = transformers.LlamaConfig(vocab_size=WORDS, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
                                      num_key_value_heads=2, intermediate_size=64, max_position_embeddings=64,
                                      attn_implementation=attention)
    call = Call(transformers.LlamaForCausalLM(config),
                lambda model, ids, mask: model(input_ids=ids, attention_mask=mask, use_cache=False).logits)
    return Family(call, [("input_ids", ("batch", "length"), f"ids {WORDS}"), ("attention_mask", ("batch", "length"), "mask")],
                  SEQUENCES)


def t5_model(attention) -> torch.nn.Module:
    config = transformers.T5Config(vocab_size=WORDS, d_model=WIDTH, d_kv=SIZE, d_ff=64, num_layers=LAYERS, num_heads=HEADS,
                                   num_decoder_layers=LAYERS, feed_forward_proj="gated-gelu", attn_implementation=attention)
    return transformers.T5ForConditionalGeneration(config)


TWO_SEQUENCES = [{"batch": 2, "length": 12, "answer": 5}, {"batch": 1, "length": 1, "answer": 1},
                 {"batch": 3, "length": 33, "answer": 17}]


@family
def t5(attention):
    call = Call(t5_model(attention), lambda model, ids, mask, answer: model(
        input_ids=ids, attention_mask=mask, decoder_input_ids=answer, use_cache=False).logits)
    return Family(call, [("input_ids", ("batch", "length"), f"ids {WORDS}"), ("attention_mask", ("batch", "length"), "mask"),
                         ("decoder_input_ids", ("batch", "answer"), f"ids {WORDS}")], TWO_SEQUENCES)


@family
def t5_decoder(attention):
    """One step with the caches of the decoder; its cross attention reads what the encoder left."""

    def step(model, memory, mask, ids, *past):
        cache = EncoderDecoderCache(cache_of(past), DynamicCache())
        result = model(encoder_outputs=(memory,), attention_mask=mask, decoder_input_ids=ids, past_key_values=cache, use_cache=True)
        return result.logits, *flat(result.past_key_values.self_attention_cache)

    inputs = [("memory", ("batch", "words", WIDTH), "normal"), ("attention_mask", ("batch", "words"), "mask"),
              ("decoder_input_ids", ("batch", "length"), f"ids {WORDS}")]
    sizes = [{**step, "words": words} for step, words in zip(STEPS, (9, 1, 33, 10, 5))]
    return Family(Call(t5_model(attention), step), [*inputs, *pasts(HEADS)], sizes)


@family
def whisper(attention):
    config = transformers.WhisperConfig(vocab_size=WORDS, num_mel_bins=10, d_model=WIDTH, encoder_layers=LAYERS,
                                        decoder_layers=LAYERS, encoder_attention_heads=HEADS, decoder_attention_heads=HEADS,
                                        encoder_ffn_dim=64, decoder_ffn_dim=64, max_source_positions=12,
                                        max_target_positions=40, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                                        decoder_start_token_id=1, attn_implementation=attention)
    call = Call(transformers.WhisperModel(config), lambda model, features, ids, mask: model(
        input_features=features, decoder_input_ids=ids, decoder_attention_mask=mask, use_cache=False).last_hidden_state)
    return Family(call, [("input_features", ("batch", 10, 24), "normal"), ("decoder_input_ids", ("batch", "length"), f"ids {WORDS}"),
                         ("decoder_attention_mask", ("batch", "length"), "mask")], SEQUENCES)


@family
def clip(attention):
    text = {"vocab_size": WORDS, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "intermediate_size": 64, "max_position_embeddings": 40, "eos_token_id": WORDS - 1}
    vision = {"hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 64,
              "image_size": 16, "patch_size": 4}
    config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24, attn_implementation=attention)
    call = Call(transformers.CLIPModel(config), lambda model, ids, mask, pixels: model(
        input_ids=ids, attention_mask=mask, pixel_values=pixels).logits_per_text)
    return Family(call, [("input_ids", ("batch", "length"), f"ids {WORDS}"), ("attention_mask", ("batch", "length"), "mask"),
                         ("pixel_values", ("images", 3, 16, 16), "normal")],
                  [{"batch": 2, "length": 12, "images": 3}, {"batch": 1, "length": 1, "images": 1},
                   {"batch": 4, "length": 33, "images": 2}])


@family
def swin(attention):
    config = transformers.SwinConfig(image_size=32, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4,
                                     attn_implementation=attention)
    call = Call(transformers.SwinModel(config, add_pooling_layer=False), lambda model, x: model(pixel_values=x).last_hidden_state)
    return Family(call, [("pixel_values", ("batch", 3, 32, 32), "normal")], [{"batch": 2}, {"batch": 1}, {"batch": 3}])


@family
def unet(attention):
    """Stable Diffusion's, by its class: self and cross attention between convolutions."""
    model = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8,
        cross_attention_dim=WIDTH, attention_head_dim=2, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"))
    if attention == "eager":
        model.set_attn_processor(diffusers.models.attention_processor.AttnProcessor())
    call = Call(model, lambda model, x, time, words: model(x, time, words).sample)
    return Family(call, [("sample", ("batch", 4, 16, 16), "normal"), ("timestep", ("batch",), "ids 1000"),
                         ("words", ("batch", "length", WIDTH), "normal")],
                  [{"batch": 2, "length": 9}, {"batch": 1, "length": 1}, {"batch": 3, "length": 77}])


@family
def detr(attention):
    backbone = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic",
                                         out_features=["stage2"])
    config = transformers.DetrConfig(use_timm_backbone=False, backbone_config=backbone, d_model=WIDTH, encoder_layers=LAYERS,
                                     decoder_layers=LAYERS, encoder_attention_heads=HEADS, decoder_attention_heads=HEADS,
                                     encoder_ffn_dim=64, decoder_ffn_dim=64, num_queries=7, num_labels=5,
                                     use_pretrained_backbone=False, attn_implementation="eager")
    model = transformers.DetrForObjectDetection(config)
    config._attn_implementation = attention  # the backbone, made by now, has none
    call = Call(model,
                lambda model, pixels, mask: (lambda r: (r.logits, r.pred_boxes))(model(pixel_values=pixels, pixel_mask=mask)))
    return Family(call, [("pixel_values", ("batch", 3, 32, 48), "normal"), ("pixel_mask", ("batch", 32, 48), "pixels")],
                  [{"batch": 2}, {"batch": 1}, {"batch": 3}])


@family
def torch_transformer(attention):
    """torch's own encoder and decoder layers: nn.MultiheadAttention, [length, batch, width]. What `attention` names does not
    exist here: "eager" asks for the layers' weights, "sdpa" does not."""

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.own = torch.nn.MultiheadAttention(WIDTH, HEADS)
            self.cross = torch.nn.MultiheadAttention(WIDTH, HEADS)
            self.norm = torch.nn.LayerNorm(WIDTH)

        def forward(self, x, memory):
            placed = self.norm(x)
            x = x + self.own(placed, placed, x, need_weights=attention == "eager")[0]
            return x + self.cross(self.norm(x), memory, memory, need_weights=attention == "eager")[0]

    return Family(Model(), [("x", ("length", "batch", WIDTH), "normal"), ("memory", ("words", "batch", WIDTH), "normal")],
                  [{"batch": 2, "length": 7, "words": 9}, {"batch": 1, "length": 1, "words": 1},
                   {"batch": 3, "length": 33, "words": 20}])
