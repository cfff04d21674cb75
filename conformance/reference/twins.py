"""Writes twins of public repositories: config.json and preprocessor_config.json as on the hub, but for nano models.

    python conformance/reference/twins.py [--out DIR]

The names of arguments, the fields of teachers, the forms of `size` and the values below are those of published files, as far
as they are known. Unknown values are plausible ones. `model_kwargs` reduces the architecture (embed_dim 64, depth 3,
num_heads 2), so that synthetic weights with the same names can be made quickly. EXPECTED.json, next to the twins, holds the
expected results.
"""
import argparse
import json
from pathlib import Path

NANO = dict(embed_dim=64, depth=3, num_heads=2)

# The command line of the training run. config.json on the hub has all of it under "args".
ARGS = dict(
    aa=None, amp=True, amp_dtype="bfloat16", amp_impl="native", aug_repeats=0, aug_splits=0, auto_loss_balance_mode="manual",
    auto_workload_inspector=False, batch_size=32, bn_eps=None, bn_momentum=None, cache_dir=None, channels_last=False,
    checkpoint_hist=10, chk_keep_forever=50, class_map="", clip_grad=None, clip_mode="norm", cls_token_per_teacher=True,
    coco_annotations_file="/datasets/coco2017/annotations/captions_val2017.json", coco_image_dir="/datasets/coco2017/val2017",
    color_jitter=0.4, cooldown_epochs=0, cpe_max_size=128, crd_loss=False, crd_loss_weight=0.8, crop_pct=None, cutmix=0.0,
    cutmix_minmax=None, damp=None, data_dir=[["/lustre/a/stage2", 0.95], ["/lustre/b/stage1", 0.05]], dataset="nvgpt4", dataset_download=False, ddp_comm_fp16=False, ddp_comm_power_sgd=False, debug_full_knn=False,
    decay_epochs=90, decay_milestones=[90, 180, 270], decay_rate=0.1, depchain=True, detect_anomaly=False, device="cuda:0",
    dist_bn="reduce", dist_norm_weight=0.0, distributed=True, drop=0.0, drop_block=None, drop_connect=None, drop_path=None,
    dtype="bfloat16", epoch=299, epoch_repeats=0.0, eval=False, eval_metric="knn_top1", eval_teacher=False,
    eval_teacher_only=False, eval_throughput=False, experiment="checkpoints", fast_norm=False, fd_loss_fn="MSE",
    feature_normalization="PHI_STANDARDIZE", feature_summarizer="cls_token", feature_upscale_factor=None,
    force_disable_damp=False, force_new_wandb_id=False, force_spectral_reparam=True, freeze_bn=False, fsdp=False, fuser="",
    gp=None, grad_accum_steps=1, grad_checkpointing=False, head_init_bias=None, head_init_scale=None, head_warmup=5,
    head_weight_decay=0.001, hflip=0.5, img_size=None, in_chans=None, initial_checkpoint=None, input_size=None,
    interpolation="", layer_decay=None, local_rank=0, log_interval=50, log_mlflow=False, log_wandb=True,
    loss_auto_balance="manual", lr_base=0.1, lr_base_scale="", lr_base_size=256, lr_cycle_decay=0.5, lr_cycle_limit=1,
    lr_cycle_mul=1.0, lr_k_decay=1.0, lr_noise=None, lr_noise_pct=0.67, lr_noise_std=1.0, mean=None, mesa=False, min_lr=0,
    mixup=0.0, mixup_mode="batch", mixup_off_epoch=0, mixup_prob=1.0, mixup_switch_prob=0.5, mlp_hidden_size=1520,
    mlp_num_inner=3, mlp_version="v2", model="vit_base_patch16_224", model_kwargs=dict(NANO), model_norm=False, momentum=0.9,
    no_aug=False, no_ddp_bb=True, no_prefetcher=False, no_resume_opt=False, num_classes=None, opt_betas=None, opt_eps=None,
    patience_epochs=10, pin_mem=False, prefetcher=True, pretrained=False, rank=0, ratio=[0.75, 1.3333333333333333], recount=1,
    recovery_interval=0, register_multiple=8, remode="pixel", reprob=0.0, reset_loss_state=False, resplit=False,
    save_images=False, scale=[0.5, 1.0], sched="cosine", seed=42, smoothing=0.1, spectral_heads=False, spectral_reparam=False,
    split_bn=False, start_epoch=None, std=None, stream_teachers=True, sync_bn=False, synchronize_step=False, teachers=[],
    torchcompile=None, torchscript=False, train_interpolation="random", train_split="train", tta=0, use_coco=False,
    use_multi_epochs_loader=False, val_ema_only=False, val_split="val", vflip=0.0, vitdet_version=1, wandb_entity="",
    wandb_job_type="", wandb_name="", wandb_project="", warmup_lr=1e-05, warmup_prefix=False, worker_seeding="all", workers=8,
    world_size=256)


def teacher(name, type, model, use_summary=True, size=378, **more):
    return dict(fd_normalize=False, feature_distillation=True, input_size=size, model=model, name=name, pretrained="dfn5b",
                type=type, use_summary=use_summary, **more)


V2 = [teacher("clip", "open_clip", "ViT-H-14-378-quickgelu"), teacher("siglip", "open_clip", "ViT-SO400M-14-SigLIP-384"),
      teacher("dino_v2", "dino_v2", "dinov2_vitg14_reg", size=224), teacher("sam", "sam", "vit-h", False, 1024)]
V4 = [teacher("siglip2-g", "siglip2", "siglip2-g-384", size=384, token_slot=0), teacher("dino_v3_7b", "dino_v3", "dinov3_vit7b16", token_slot=1),
      teacher("sam3", "sam3", "sam3", False, 1152, token_slot=2)]


def config(version, teachers, top=None, **args):
    a = dict(ARGS, teachers=teachers, **args)
    c = dict(adaptor_configs={}, adaptor_names=None, architectures=["RADIOModel"], args=a,
             auto_map={"AutoConfig": "hf_model.RADIOConfig", "AutoModel": "hf_model.RADIOModel"}, feature_normalizer_config=None,
             inter_feature_normalizer_config=None, max_resolution=2048, patch_size=16, preferred_resolution=[512, 512],
             torch_dtype="float32", transformers_version="4.51.3", version=version, vitdet_window_size=None)
    return c | (top or {})


def processor(edge, resize, form="shortest_edge", **more):
    """As published: 17 lines, without rescale_factor, image_mean or image_std."""
    size = {"shortest_edge": edge} if form == "shortest_edge" else {"height": edge, "width": edge}
    return dict(crop_size={"height": edge, "width": edge}, do_center_crop=False, do_convert_rgb=True, do_normalize=False,
                do_rescale=True, do_resize=resize, image_processor_type="CLIPImageProcessor", processor_class="CLIPProcessor",
                resample=3, size=size, **more)


TWINS = {
    "C-RADIOv2-B": (config("c-radio_v2-b", V2), processor(432, False)),
    "C-RADIOv2-L": (config("c-radio_v2-l", V2), processor(432, False, rescale_factor=0.00392156862745098)),
    "C-RADIOv2-H": (config("c-radio_v2-h", V2, dict(torch_dtype="bfloat16")), processor(432, True)),
    "C-RADIOv2-g": (config("c-radio_v2-g", V2[:2], dict(preferred_resolution=[768, 768]), vitdet_num_global=8), processor(768, False)),
    "C-RADIOv3-H": (config("c-radio_v3-h", V2, cpe_num_registers=4), processor(512, False)),
    "C-RADIOv3-L": (config("c-radio_v3-l", V2), processor(432, False)),
    "C-RADIOv4-H": (config("c-radio_v4-h", V4, cpe_num_registers=None, spatial_mlp_version="attn"), processor(512, False)),
    "RADIO-B": (config("radio_v2.5-b", V2, dict(preferred_resolution=[768, 768])), processor(768, False)),
    "Nemotron-tower": (dict(
        architectures=["NemotronVLModel"], model_type="nemotron_vl", llm_config=dict(hidden_size=64), downsample_ratio=0.5,
        vision_config=config("radio_v2.5-h", V2, dict(
            preferred_resolution=[768, 768], model_type="", video_temporal_patch_size=2, separate_video_embedder=True,
            video_target_num_patches=1024, video_maintain_aspect_ratio=True, min_num_patches=1024, max_num_patches=13312,
            return_spatial_features=True, return_summary=False), register_multiple=10, min_num_patches=1024, max_num_patches=13312)),
        processor(512, True)),
    "E-RADIO": (config("e-radio_v2", V2, model="eradio"), processor(512, False)),
    "tome": (config("c-radio_v2-b", V2, tome=dict(r=8)), processor(432, False)),
}

EXPECTED = {
    name: dict(loads=True, every_photo_embeds_without_a_flag=True) for name in TWINS
} | {
    "E-RADIO": dict(loads=False, says=["args.model", "eradio"]),
    "tome": dict(loads=False, says=["args.tome", "token merging"]),
    "Nemotron-tower": dict(loads=True, every_photo_embeds_without_a_flag=True, note="config under vision_config, weights under the prefix vision_model."),
}

if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--out", default=Path(__file__).resolve().parent)
    out = Path(p.parse_args().out)
    for name, (c, pre) in TWINS.items():
        d = out / name
        d.mkdir(parents=True, exist_ok=True)
        (d / "config.json").write_text(json.dumps(c, indent=2, sort_keys=True) + "\n")
        (d / "preprocessor_config.json").write_text(json.dumps({k: v for k, v in pre.items() if v is not None}, indent=2, sort_keys=True) + "\n")
    (out / "EXPECTED.json").write_text(json.dumps(EXPECTED, indent=1, sort_keys=True) + "\n")
