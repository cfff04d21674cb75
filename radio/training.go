package radio

import "strings"

// config.json carries the whole command line that the model was trained with.
// These arguments steer training, data and logging and have no bearing on the
// forward pass; any other unknown argument is refused.
var trainingArgs = func() map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Fields(`
		aa amp amp_dtype amp_impl aug_repeats aug_splits auto_loss_balance_mode batch_size bce_loss
		bce_pos_weight bce_sum bce_target_thresh benchmark bn_eps bn_momentum cache_dir channels_last
		checkpoint_hist class_map clip_grad clip_mode coco_annotations_file coco_image_dir color_jitter
		color_jitter_prob compile config cooldown_epochs crd_loss crd_loss_weight crop_pct damp
		debug_full_knn decay_epochs decay_milestones decay_rate device device_modules distributed
		drop drop_block drop_connect drop_path dtype dynamic_loss_scale ema enable_cos_loss epoch_repeats
		epochs experiment fast_norm fd_loss_fn fd_normalize fd_ohem feature_summarizer
		feature_upscale_factor force_new_wandb_id force_spectral_reparam freeze_bn fsdp full_equivariance
		fuser gaussian_blur_prob grad_accum_steps grad_checkpointing grayscale_prob head_init_bias
		head_init_scale head_lr head_warmup head_weight_decay hflip img_size in_graph inception
		initial_checkpoint input_img_mode input_key interpolation jsd_loss layer_decay local_rank
		loss lr mean memory_profile mesa min_lr mlp_hidden_size mlp_num_inner model_dtype model_ema
		model_ema_decay model_ema_force_cpu model_ema_warmup momentum multi_res no_aug no_custom_validation
		no_ddp_bb no_prefetcher no_resume_opt num_classes one_logger_app_tag one_logger_run_name
		onelogger opt output partition patience_epochs pin_mem prefetcher pretrained pretrained_path rank
		ratio recount recovery_interval register_tokens_loss remode reprob reset_loss_state resplit resume
		rotator_loss sample_tracking save_images scale sched seed smoothing spectral_heads spectral_reparam
		spectral_weight_decay split_bn start_epoch std stream_teachers sync_bn synchronize_step
		target_key torchcompile torchcompile_mode torchscript tta tome use_coco use_multi_epochs_loader
		validation_batch_size vflip vitdet_prob weight_decay worker_seeding workers world_size`) {
		set[n] = true
	}
	return set
}()

// trainingPrefixes name whole families of such arguments.
var trainingPrefixes = []string{
	"cutmix", "data_", "dataset", "dist_", "eval", "grad_", "log_", "loss_", "lr_", "mixup", "model_ema",
	"opt_", "sched_", "teacher_", "train_", "val_", "vitdet_window_sizes", "vitdet_version", "wandb_", "warmup_",
}

func isTrainingArg(name string) bool {
	if trainingArgs[name] {
		return true
	}
	for _, p := range trainingPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
