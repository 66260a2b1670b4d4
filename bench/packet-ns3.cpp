// The chains of bench/packet.ts in ns-3: point-to-point links, one stream of packets each, forwarded hop by hop by the
// devices' receive callbacks, without IP. Prints TLP-hops per processor second.
//   packet-ns3 chains hops payloadBytes tlps bytesPerSecond delaySeconds
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <vector>

#include "ns3/core-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

using namespace ns3;

namespace {

uint64_t received = 0;

/** Sends packets back to back: the next one when the device has taken the one before. */
class Source {
 public:
  Source(Ptr<PointToPointNetDevice> device, uint32_t bytes, uint32_t left, Time spacing)
      : device_(device), bytes_(bytes), left_(left), spacing_(spacing) {}

  void SendNext() {
    if (left_ == 0) return;
    left_--;
    device_->Send(Create<Packet>(bytes_), device_->GetBroadcast(), 0x0800);
    Simulator::Schedule(spacing_, &Source::SendNext, this);
  }

 private:
  Ptr<PointToPointNetDevice> device_;
  uint32_t bytes_;
  uint32_t left_;
  Time spacing_;
};

bool Forward(Ptr<PointToPointNetDevice> next, Ptr<NetDevice>, Ptr<const Packet> packet, uint16_t protocol,
             const Address&) {
  received++;
  if (next != nullptr) next->Send(packet->Copy(), next->GetBroadcast(), protocol);
  return true;
}

}  // namespace

int main(int count, char** values) {
  if (count != 7) return 2;
  const uint32_t chains = std::strtoul(values[1], nullptr, 10);
  const uint32_t hops = std::strtoul(values[2], nullptr, 10);
  // Payload and the 24 bytes that a memory write adds on its way.
  const uint32_t bytes = std::strtoul(values[3], nullptr, 10) + 24;
  const uint32_t tlps = std::strtoul(values[4], nullptr, 10);
  const double bytesPerSecond = std::strtod(values[5], nullptr);
  const double delaySeconds = std::strtod(values[6], nullptr);
  Time::SetResolution(Time::PS);

  const DataRate rate(static_cast<uint64_t>(bytesPerSecond * 8));
  const Time delay = PicoSeconds(static_cast<int64_t>(delaySeconds * 1e12));
  // Two bytes more are the header of the point-to-point protocol.
  const Time spacing = rate.CalculateBytesTxTime(bytes + 2);
  std::vector<Source*> sources;
  for (uint32_t chain = 0; chain < chains; chain++) {
    std::vector<Ptr<Node>> nodes;
    for (uint32_t at = 0; at <= hops; at++) nodes.push_back(CreateObject<Node>());
    std::vector<Ptr<PointToPointNetDevice>> out;
    std::vector<Ptr<PointToPointNetDevice>> in;
    for (uint32_t hop = 0; hop < hops; hop++) {
      const auto from = CreateObject<PointToPointNetDevice>();
      const auto to = CreateObject<PointToPointNetDevice>();
      const auto channel = CreateObject<PointToPointChannel>();
      channel->SetAttribute("Delay", TimeValue(delay));
      for (const auto& device : {from, to}) {
        device->SetAddress(Mac48Address::Allocate());
        device->SetDataRate(rate);
        device->SetQueue(CreateObject<DropTailQueue<Packet>>());
        device->Attach(channel);
      }
      nodes[hop]->AddDevice(from);
      nodes[hop + 1]->AddDevice(to);
      out.push_back(from);
      in.push_back(to);
    }
    for (uint32_t hop = 0; hop < hops; hop++) {
      const Ptr<PointToPointNetDevice> next = hop + 1 < hops ? out[hop + 1] : nullptr;
      in[hop]->SetReceiveCallback(MakeBoundCallback(&Forward, next));
    }
    auto* source = new Source(out[0], bytes, tlps, spacing);
    sources.push_back(source);
    Simulator::Schedule(PicoSeconds(37 * chain), &Source::SendNext, source);
  }
  const std::clock_t before = std::clock();
  Simulator::Run();
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  if (received != static_cast<uint64_t>(chains) * hops * tlps) {
    std::cerr << received << " packets were received\n";
    return 1;
  }
  std::cout << static_cast<double>(received) / seconds << "\n";
  Simulator::Destroy();
  for (const auto* source : sources) delete source;
  return 0;
}
