/* Just enough of the kernel around calc_map_type_and_dist to run it over functions that are read from standard input. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t u16;
typedef uint8_t u8;

#define CONFIG_X86 1
#define X86_VENDOR_AMD 2
#define PCI_VENDOR_ID_INTEL 0x8086
#define PCI_ACS_CTRL 6
#define PCI_ACS_RR 0x04
#define PCI_ACS_CR 0x08
#define PCI_ACS_EC 0x20
#define PCI_EXP_TYPE_ROOT_PORT 4
#define PCI_DEVFN(slot, fn) ((((slot)&0x1f) << 3) | ((fn)&7))
#define GFP_KERNEL 0

struct cpuinfo_x86 {
	int x86_vendor, x86;
};
static struct cpuinfo_x86 the_cpu;
#define cpu_data(number) the_cpu

struct pci_dev;
struct pci_bus;
struct pci_host_bridge {
	struct pci_bus *bus;
};
struct xarray {
	int nothing;
};
struct pci_p2pdma {
	struct xarray map_types;
};
struct pci_bus {
	struct pci_host_bridge *host;
	struct pci_dev *devices; /* the first one of a root bus */
	int number;
};
struct pci_dev {
	int acs_cap;
	u16 acs_control;
	unsigned short vendor, device;
	int devfn, type;
	struct pci_dev *upstream;
	struct pci_bus *bus;
	struct pci_p2pdma *p2pdma;
};

enum pci_p2pdma_map_type {
	PCI_P2PDMA_MAP_UNKNOWN = 0,
	PCI_P2PDMA_MAP_NOT_SUPPORTED,
	PCI_P2PDMA_MAP_BUS_ADDR,
	PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
};

struct seq_buf {
	char *buffer;
	size_t size, len;
};
static void seq_buf_init(struct seq_buf *s, char *buffer, unsigned size)
{
	s->buffer = buffer, s->size = size, s->len = 0;
}
#define seq_buf_printf(...) ((void)0)
#define pci_name(device) ""
#define pci_warn(...) ((void)0)
#define pci_read_config_word(device, at, value) (*(value) = (device)->acs_control)
#define pci_pcie_type(device) ((device)->type)
#define pci_upstream_bridge(device) ((device)->upstream)
#define pci_find_host_bridge(bus_) ((bus_)->host)
#define pci_domain_nr(bus_) 0
#define list_first_entry_or_null(list, type, member) (*(list))
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define rcu_dereference(pointer) (pointer)
#define xa_store(array, index, value, flags) ((void)(index))
#define xa_mk_value(value) 0
