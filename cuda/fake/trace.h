// The detector of races between the nodes of a graph: see trace.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trace {

// What follows, up to end, is done by a node; lies_on_gpu tells what is of interest.
void begin(unsigned number, bool (*lies_on_gpu)(uintptr_t, size_t));
void end();
// Ends the program if two nodes conflict: before[a][b] tells that b is done before a.
void check(const std::vector<const char*>& names, const std::vector<std::vector<bool>>& before);

} // namespace trace
