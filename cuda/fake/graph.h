// A graph of work, in an order that its edges allow.
#pragma once
#include "trace.h"
#include <cstdio>
#include <functional>
#include <vector>

namespace fake {

struct Item { const char* name; std::function<void()> run; };

// A graph. A node waits for earlier ones only, since it is made after them.
struct Graph {
  std::vector<Item> nodes;
  std::vector<std::vector<bool>> before; // before[a][b]: b is done before a
  std::vector<size_t> depth;             // nodes in the longest chain that ends here
  std::vector<size_t> order;             // in which they run
  int runs = 0;

  void add(Item item, const std::vector<size_t>& waits) {
    std::vector<bool> done(nodes.size());
    size_t longest = 0;
    for (size_t w : waits) {
      done[w] = true;
      for (size_t k = 0; k < w; k++)
        if (before[w][k]) done[k] = true;
      if (depth[w] > longest) longest = depth[w];
    }
    nodes.push_back(std::move(item));
    depth.push_back(longest + 1);
    before.push_back(done);
  }

  // The first or, reversed, the last of the nodes that may run.
  size_t next(const std::vector<bool>& done, bool reversed) {
    size_t found = nodes.size();
    for (size_t n = 0; n < nodes.size(); n++) {
      bool ready = !done[n];
      for (size_t k = 0; ready && k < n; k++) ready = done[k] || !before[n][k];
      if (!ready) continue;
      found = n;
      if (!reversed) break;
    }
    return found;
  }

  // Settles the order. No node can be added any more.
  void finish(bool reversed) {
    for (auto& row : before) row.resize(nodes.size());
    std::vector<bool> done(nodes.size());
    for (size_t k = 0; k < nodes.size(); k++) {
      order.push_back(next(done, reversed));
      done[order.back()] = true;
    }
  }

  void print() const {
    size_t longest = 0;
    for (size_t d : depth)
      if (d > longest) longest = d;
    fprintf(stderr, "graph of %zu nodes, %zu one after the other:", nodes.size(), longest);
    for (auto& item : nodes) fprintf(stderr, " %s", item.name);
    fputc('\n', stderr);
  }

  void run(bool (*on_gpu)(uintptr_t, size_t)) {
    std::vector<const char*> names;
    for (auto& item : nodes) names.push_back(item.name);
    // Later runs touch what the first ones do, and watching takes its time.
    bool watch = runs++ < 3;
    for (size_t n : order) {
      if (watch) trace::begin(n, on_gpu);
      nodes[n].run();
      trace::end();
    }
    trace::check(names, before);
  }
};

} // namespace fake
