package kernel

// fromSysctl reads features by the names that macOS gives them.
func fromSysctl(read func(name string) (uint32, error)) features {
	has := func(name string) bool {
		v, err := read("hw.optional.arm.FEAT_" + name)
		return err == nil && v == 1
	}
	return features{dotProd: has("DotProd"), i8mm: has("I8MM"), bf16: has("BF16")}
}

// fromWindows reads features by the numbers that Windows gives them
// (PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE and so on, processthreadsapi.h).
func fromWindows(present func(feature uint32) bool) features {
	return features{dotProd: present(43), i8mm: present(66), bf16: present(68)}
}
