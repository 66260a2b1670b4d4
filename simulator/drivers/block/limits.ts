/** Limits of the Linux drivers and of cuFile, with where they stand. */

/** `io_queue_depth` in drivers/nvme/host/pci.c. */
export const nvmeQueueEntries = 1024;
/** NVME_MAX_BYTES in drivers/nvme/host/pci.c. */
export const nvmeMaxBytes = 8 * 2 ** 20;
/** BLK_DEF_MAX_SECTORS_CAP of include/linux/blkdev.h: what `max_sectors_kb` starts with, 1280 KiB. */
export const blockLayerMaxBytes = 1280 * 1024;
/** Slots of a command list: AHCI 1.3.1, section 3.1.1, CAP.NCS; queue depth of NCQ in Serial ATA. */
export const ahciSlots = 32;
/** 48-bit addresses of ATA count 65536 sectors; libata keeps to it. */
export const ataMaxBytes = 65536 * 512;
/** `properties:max_direct_io_size_kb` of cufile.json (GPUDirect Storage configuration guide). */
export const cuFileMaxBytes = 16 * 2 ** 20;
/** `properties:per_buffer_cache_size_kb` of cufile.json: a bounce buffer. */
export const cuFileBounceBytes = 2 ** 20;
/** Offsets and sizes that are no multiple of it go through a bounce buffer. */
export const cuFileAlignmentBytes = 4096;
