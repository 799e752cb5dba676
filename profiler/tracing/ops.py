"""The vocabulary: which kind of op a function is.

One table from bare names (``relu`` for ``torch.relu``, ``Tensor.relu_`` and ``aten.relu``) to
canonical kinds. Below a function in no group the dispatcher is watched; an op that is unknown there
too becomes kind ``other``, which every convention reports as uncounted.
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(groups: Mapping[str, str]) -> dict[str, str]:
    """Invert kind → "name name …", refusing a name under two kinds."""
    kinds: dict[str, str] = {}
    for kind, names in groups.items():
        for name in names.split():
            if name in kinds:
                raise ValueError(f"op {name!r} is both {kinds[name]} and {kind}")
            kinds[name] = kind
    return kinds


#: Bare function name → canonical kind.
KINDS = _table(
    {
        "conv": (
            "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution "
            "_convolution cudnn_convolution mkldnn_convolution convolution_overrideable"
        ),
        "deform_conv": "deform_conv2d",  # torchvision's
        "linear": "linear",
        "bilinear": "bilinear",
        "matmul": "matmul mm bmm mv dot vdot inner addmm addmv baddbmm addbmm",
        # products of which few tools know; a kind each, as their operands are read in their own way
        "vecdot": "vecdot linalg_vecdot",
        "addr": "addr",
        "grouped_matmul": (
            "_grouped_mm _scaled_grouped_mm _scaled_grouped_mm_v2 "
            "grouped_mm_fallback"  # transformers' own, where torch's refuses
        ),
        "quantized_matmul": (
            "_scaled_mm _scaled_mm_v2 _int_mm _weight_int8pack_mm _weight_int4pack_mm "
            "_weight_int4pack_mm_for_cpu _weight_int4pack_mm_with_scales_and_zeros "
            "_mixed_dtypes_linear _dyn_quant_matmul_4bit "
            # of torch.ao.quantization: weights are packed away, the input says what is contracted
            "linear_dynamic linear_relu_dynamic linear_dynamic_fp16 linear_relu_dynamic_fp16"
        ),
        "conv_tbc": "conv_tbc",
        "distance": "cdist pdist _cdist_forward _pdist_forward _euclidean_dist",
        "affine_grid": "affine_grid affine_grid_generator",
        "conv_backward": "convolution_backward",
        "attention_backward": (
            "_scaled_dot_product_flash_attention_backward "
            "_scaled_dot_product_flash_attention_for_cpu_backward "
            "_scaled_dot_product_efficient_attention_backward "
            "_scaled_dot_product_cudnn_attention_backward "
            "_scaled_dot_product_fused_attention_overrideable_backward"
        ),
        "attention": (
            "scaled_dot_product_attention _scaled_dot_product_flash_attention "
            "_scaled_dot_product_flash_attention_for_cpu "
            "_scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention "
            "_scaled_dot_product_attention_math _scaled_dot_product_fused_attention_overrideable "
            "flex_attention"
        ),
        "recurrent": (
            "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell "
            "mkldnn_rnn_layer"
        ),
        "batch_norm": (
            "batch_norm native_batch_norm _native_batch_norm_legit "
            "_native_batch_norm_legit_no_training cudnn_batch_norm _batch_norm_no_update"
        ),
        "layer_norm": "layer_norm native_layer_norm",
        "group_norm": "group_norm native_group_norm",
        "instance_norm": "instance_norm",
        "rms_norm": "rms_norm _fused_rms_norm",
        "activation": (
            "relu relu6 leaky_relu prelu _prelu_kernel rrelu rrelu_with_noise elu selu celu gelu "
            "silu mish sigmoid expit logsigmoid log_sigmoid_forward tanh hardtanh hardsigmoid "
            "hardswish softplus softsign tanhshrink softshrink hardshrink threshold glu"
        ),
        "softmax": "softmax _softmax log_softmax _log_softmax softmin _safe_softmax",
        "pool": (
            "max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices "
            "max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d "
            "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d _adaptive_avg_pool2d "
            "_adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d "
            "adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices "
            "adaptive_max_pool3d_with_indices lp_pool1d lp_pool2d lp_pool3d"
        ),
        "add": "add",
        "sub": "sub subtract rsub",
        "mul": "mul multiply",
        "div": "div divide true_divide truediv floor_divide floordiv",
        "elementwise": (
            "neg negative abs absolute sign sgn exp exp2 expm1 log log2 log10 log1p sqrt rsqrt "
            "square reciprocal pow float_power sin cos tan asin acos atan atan2 sinh cosh erf erfc "
            "clamp clip clamp_min clamp_max minimum maximum fmin fmax floor ceil round trunc frac "
            "remainder fmod mod addcmul addcdiv lerp eq ne lt le gt ge greater less greater_equal "
            "less_equal isnan isinf isfinite logical_and logical_or logical_xor logical_not and or "
            "xor invert lshift rshift bitwise_left_shift bitwise_right_shift bitwise_and "
            "bitwise_or bitwise_xor bitwise_not where masked_fill hypot nan_to_num heaviside logit "
            "sinc logaddexp logaddexp2 xlogy polar complex acosh asinh atanh arcsinh arccosh "
            "arctanh copysign deg2rad rad2deg isposinf isneginf signbit angle ldexp nextafter"
        ),
        "reduction": (
            "mean sum nansum nanmean prod amax amin max min argmax argmin std var std_mean "
            "var_mean norm vector_norm linalg_vector_norm frobenius_norm logsumexp all any "
            "cumsum cumprod cummax cummin median count_nonzero index_add scatter_add aminmax trace "
            "nanmedian logcumsumexp _is_all_true _is_any_true"
        ),
        "interpolate": (
            "interpolate upsample upsample_nearest1d upsample_nearest2d upsample_nearest3d "
            "_upsample_nearest_exact1d _upsample_nearest_exact2d upsample_linear1d "
            "upsample_bilinear2d upsample_trilinear3d upsample_bicubic2d _upsample_bilinear2d_aa "
            "_upsample_bicubic2d_aa"
        ),
        "grid_sample": (
            "grid_sample grid_sampler grid_sampler_2d grid_sampler_3d cudnn_grid_sampler "
            "_grid_sampler_2d_cpu_fallback"
        ),
        "embedding": "embedding",
        "embedding_bag": "embedding_bag _embedding_bag _embedding_bag_forward_only",
        "weight_norm": "_weight_norm _weight_norm_interface",
        "concat": "cat concat concatenate stack hstack vstack dstack",
        "dropout": (
            "dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout "
            "feature_alpha_dropout native_dropout"
        ),
        "view": (
            "view view_as reshape reshape_as flatten unflatten squeeze unsqueeze transpose t T mT "
            "H mH permute movedim moveaxis swapaxes swapdims expand expand_as broadcast_to "
            "broadcast_tensors "
            "split split_with_sizes chunk tensor_split unbind select narrow slice getitem diagonal "
            "unfold as_strided alias detach contiguous real imag view_as_real view_as_complex "
            "_unsafe_view unsafe_chunk unsafe_split identity ravel adjoint atleast_1d atleast_2d "
            "requires_grad data lift_fresh positive"
        ),
        "copy": (
            "clone copy to _to_copy type type_as float double half bfloat16 int long short bool "
            "cpu cuda repeat repeat_interleave tile pad constant_pad_nd reflection_pad1d "
            "reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d "
            "replication_pad3d roll flip fliplr flipud rot90 gather index_select index take "
            "take_along_dim masked_select pixel_shuffle pixel_unshuffle channel_shuffle setitem "
            "index_put scatter index_copy masked_scatter tril triu meshgrid cartesian_prod im2col "
            "col2im fold select_scatter slice_scatter diagonal_scatter as_strided_scatter "
            "block_diag diag diag_embed diagflat index_fill _pack_padded_sequence "
            "_pad_packed_sequence view_copy "
            "expand_copy permute_copy squeeze_copy unsqueeze_copy transpose_copy t_copy "
            "narrow_copy alias_copy unfold_copy diagonal_copy as_strided_copy "
            "split_with_sizes_copy unbind_copy select_backward slice_backward "
            "diagonal_backward"
        ),
        "create": (
            "zeros ones empty full rand randn randint randperm arange range linspace logspace eye "
            "tensor as_tensor scalar_tensor zeros_like ones_like empty_like full_like rand_like "
            "randn_like randint_like new_zeros new_ones new_empty new_full new_tensor fill zero "
            "normal uniform bernoulli exponential random one_hot tril_indices triu_indices "
            "_efficientzerotensor _new_zeros_with_same_feature_meta empty_strided "
            "new_empty_strided empty_permuted hann_window hamming_window"
        ),
        "sort": "sort argsort topk kthvalue msort searchsorted bucketize histc bincount nonzero "
        "nonzero_static argwhere unique _unique _unique2 unique_consecutive unique_dim",
        "fft": (
            "fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn hfft ihfft stft "
            "istft _fft_r2c _fft_c2c _fft_c2r"
        ),
    }
)

#: Calls that only ask a tensor about itself, or set autograd state: no op.
QUERIES = frozenset(
    "size dim ndimension numel nelement stride storage_offset element_size get_device data_ptr "
    "is_contiguous is_floating_point is_complex is_signed is_same_size is_tensor is_inference "
    "untyped_storage storage result_type can_cast promote_types len hash repr format sizes "
    "has_names refine_names dim_order is_pinned is_shared get_default_dtype _assert "
    "_has_compatible_shallow_copy_type is_set_to register_hook retain_grad backward is_conj "
    "is_neg is_nested is_quantized".split()
)

#: Ops whose result depends on the values of a tensor: no shape-only run can give it.
DATA_DEPENDENT = frozenset(
    "item tolist numpy bool int float index complex nonzero argwhere masked_select unique "
    "unique_consecutive _unique2 bincount histc _local_scalar_dense equal allclose is_nonzero "
    "getitem repeat_interleave combinations".split()
)


def kind_of(base: str) -> str:
    """Canonical kind of a bare name; "other" where the vocabulary has none."""
    return KINDS.get(base, "other")
