// Flow workloads in SimGrid 3.32 under pure max-min sharing, to compare with: finish times on standard output, processor
// seconds of the run on standard error. Input: links.csv (id,from,to,bytes_per_s) and flows.csv (id,src,dst,bytes,start_s,
// links), as bench/flows.ts writes them. Build: g++ -O2 -o flows-simgrid flows-simgrid.cpp -lsimgrid
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <simgrid/s4u.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace sg4 = simgrid::s4u;

struct Flow {
  int from, to;
  double bytes, start;
  std::vector<int> links;
};

static std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(line);
  std::string part;
  while (std::getline(stream, part, separator)) parts.push_back(part);
  return parts;
}

template <typename Row> static void rows(const char* path, Row row) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) row(split(line, ','));
}

int main(int argc, char** argv) {
  sg4::Engine engine(&argc, argv);
  if (argc < 4) {
    std::fprintf(stderr, "usage: flows-simgrid links.csv flows.csv Lazy|Full\n");
    return 2;
  }
  sg4::Engine::set_config("network/model:CM02");
  sg4::Engine::set_config("network/TCP-gamma:0");
  sg4::Engine::set_config("network/crosstraffic:no");
  sg4::Engine::set_config("network/bandwidth-factor:1");
  sg4::Engine::set_config("network/latency-factor:1");
  sg4::Engine::set_config("network/weight-S:0");
  sg4::Engine::set_config("surf/precision:1e-12");
  sg4::Engine::set_config("maxmin/precision:1e-9");
  sg4::Engine::set_config("network/loopback-bw:1e15");
  sg4::Engine::set_config(std::string("network/optim:") + argv[3]);

  std::map<int, double> capacities;
  rows(argv[1], [&](const std::vector<std::string>& row) { capacities[std::stoi(row[0])] = std::stod(row[3]); });
  std::vector<Flow> flows;
  rows(argv[2], [&](const std::vector<std::string>& row) {
    Flow flow{std::stoi(row[1]), std::stoi(row[2]), std::stod(row[3]), std::stod(row[4]), {}};
    for (const auto& link : split(row[5], ' ')) flow.links.push_back(std::stoi(link));
    flows.push_back(flow);
  });

  auto* zone = sg4::create_full_zone("machine");
  std::map<int, sg4::Link*> links;
  for (const auto& [id, capacity] : capacities) {
    links[id] = zone->create_link("l" + std::to_string(id), capacity)->set_latency(0)->seal();
  }
  std::map<int, sg4::Host*> hosts;
  std::map<std::pair<int, int>, bool> routed;
  for (const auto& flow : flows) {
    for (int end : {flow.from, flow.to}) {
      if (hosts.count(end) == 0) hosts[end] = zone->create_host("h" + std::to_string(end), 1e9)->seal();
    }
  }
  for (const auto& flow : flows) {
    if (!routed.emplace(std::make_pair(flow.from, flow.to), true).second) continue;
    std::vector<sg4::LinkInRoute> route;
    for (int link : flow.links) route.emplace_back(links[link]);
    zone->add_route(hosts[flow.from]->get_netpoint(), hosts[flow.to]->get_netpoint(), nullptr, nullptr, route, false);
  }
  zone->seal();

  std::vector<sg4::CommPtr> comms;
  sg4::Actor::create("starter", hosts.begin()->second, [&] {
    for (const auto& flow : flows) {
      sg4::this_actor::sleep_until(flow.start);
      comms.push_back(sg4::Comm::sendto_async(hosts[flow.from], hosts[flow.to], static_cast<uint64_t>(flow.bytes)));
    }
    for (const auto& comm : comms) comm->wait();
  });
  const std::clock_t before = std::clock();
  engine.run();
  std::fprintf(stderr, "%.6f\n", static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
  std::printf("id,start_s,finish_s\n");
  for (size_t at = 0; at < comms.size(); at++) {
    std::printf("%zu,%.17g,%.17g\n", at, flows[at].start, comms[at]->get_finish_time());
  }
  return 0;
}
