/*
 * Input: `cpu <vendor> <family>`, then `dev <parent or -1> <host> <first of its root bus: 0 or 1> <vendor> <device> <devfn>
 * <type> <ACS control or -1> <endpoint: 0 or 1>` for each function. Output: `<provider> <client> <mapping> <distance>` for
 * every pair of endpoints.
 */
#include "harness.h"
#include "extracted.h"

#define MOST 4096
static struct pci_dev devices[MOST];
static struct pci_host_bridge hosts[MOST];
static struct pci_bus root_buses[MOST];
static int endpoints[MOST];

int main(void)
{
	int count = 0, ends = 0, vendor, family;

	if (scanf(" cpu %d %d", &vendor, &family) != 2)
		return 2;
	the_cpu.x86_vendor = vendor;
	the_cpu.x86 = family;
	for (;;) {
		int parent, host, first, id_vendor, id_device, devfn, type, acs, endpoint;

		if (scanf(" dev %d %d %d %d %d %d %d %d %d", &parent, &host, &first, &id_vendor, &id_device, &devfn, &type, &acs,
			  &endpoint) != 9)
			break;
		if (count == MOST)
			return 3;
		struct pci_dev *one = &devices[count];

		hosts[host].bus = &root_buses[host];
		root_buses[host].host = &hosts[host];
		one->vendor = id_vendor, one->device = id_device, one->devfn = devfn, one->type = type;
		one->acs_cap = acs >= 0, one->acs_control = acs < 0 ? 0 : acs;
		one->upstream = parent < 0 ? NULL : &devices[parent];
		one->bus = &root_buses[host];
		if (first)
			root_buses[host].devices = one;
		if (endpoint)
			endpoints[ends++] = count;
		count++;
	}
	for (int i = 0; i < ends; i++)
		for (int j = 0; j < ends; j++) {
			int distance = 0;
			int mapping = calc_map_type_and_dist(&devices[endpoints[i]], &devices[endpoints[j]], &distance, true);

			printf("%d %d %d %d\n", endpoints[i], endpoints[j], mapping, distance);
		}
	return 0;
}
