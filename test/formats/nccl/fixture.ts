/** A small node as NCCL would write it, with one of each thing that it can hold. */
export const nvidia = `<system version="1">
  <cpu numaid="0" affinity="00000000,ffffffff" arch="x86_64" vendor="AuthenticAMD" familyid="143" modelid="49">
    <pci busid="0000:01:00.0" class="0x060400" vendor="0x1000" device="0xc010" subsystem_vendor="0x1000" subsystem_device="0xa064" link_speed="16.0 GT/s PCIe" link_width="16">
      <pci busid="0000:07:00.0" class="0x030200" vendor="0x10de" device="0x20b0" subsystem_vendor="0x10de" subsystem_device="0x134f" link_speed="16.0 GT/s PCIe" link_width="16">
        <gpu dev="0" sm="80" rank="0" gdr="1">
          <nvlink target="0000:c1:00.0" count="6" tclass="0x068000"/>
          <nvlink target="0000:0a:00.0" count="2" tclass="0x030200"/>
        </gpu>
      </pci>
      <pci busid="0000:0a:00.0" class="0x030200" vendor="0x10de" device="0x20b0" link_speed="" link_width="0">
        <gpu dev="1" sm="103" rank="1" gdr="1">
          <nvlink target="0000:c1:00.0" count="6" tclass="0x068000"/>
          <nvlink target="0000:07:00.0" count="2" tclass="0x030200"/>
          <nvlink target="fffffff:ffff:ff" count="3" tclass="0x068000"/>
          <c2c bw="25000" count="10"/>
        </gpu>
      </pci>
      <pci busid="0000:0c:00.0" class="0x020700" vendor="0x15b3" device="0x101b" link_speed="16.0 GT/s" link_width="8">
        <nic>
          <net name="mlx5_0" dev="0" speed="200000" port="1" gdr="1"/>
          <net name="mlx5_1" dev="1" speed="200000" port="2" gdr="1"/>
        </nic>
      </pci>
    </pci>
  </cpu>
  <cpu numaid="1" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="143">
    <nic><net name="eth0" dev="2"/></nic>
  </cpu>
</system>
`;
