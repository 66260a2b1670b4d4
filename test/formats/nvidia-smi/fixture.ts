const legend = `
Legend:

  X    = Self
  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)
  NV#  = Connection traversing a bonded set of # NVLinks

NIC Legend:

  NIC0: mlx5_0
  NIC1: mlx5_3
`;
/** A matrix as a terminal shows it. */
export const tabs = `\u001b[4m\tGPU0\tGPU1\tNIC0\tNIC1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\u001b[0m
GPU0\t X \tNV12\tPXB\tSYS\t0-31,64-95\t0-1\t\tN/A
GPU1\tNV12\t X \tSYS\tPIX\t32-63,96-127\t3\t\t4
NIC0\tPXB\tSYS\t X \tSYS\t\t\t\t
NIC1\tSYS\tPIX\tSYS\t X \t\t\t\t
${legend}`;
