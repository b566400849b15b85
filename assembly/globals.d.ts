/** Defined in the checked build only (asconfig.json). */
declare const KERNEL_CHECKED: boolean;
