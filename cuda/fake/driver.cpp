// A libcuda.so.1 whose GPU is the CPU: the part of the driver API that package cuda
// calls. Work on a stream is put off until someone waits for it, and device memory
// is malloc's, so that AddressSanitizer sees every access beyond a buffer. It
// refuses what a real driver refuses: calls without a current context, copies that
// leave their memory. The nodes of a graph run in an order that their edges allow, and
// trace.cpp, where it sees the kernels' accesses, ends the program if another order
// could give other results.
//
// DPGAN_FAKE, a list of key=value with commas, makes it another machine:
//   order=reverse   threads, blocks and nodes run from the last to the first
//   init=N          cuInit fails with code N
//   devices=N       number of GPUs
//   version=N       CUDA version of the driver, such as 12040
//   capability=N    compute capability, such as 61
//   memory=N        bytes of memory of a GPU
//   fault=N         the Nth launch fails with an illegal address
//   graphs=1        prints the nodes of each graph on stderr
//   edges=0         graphs lose their edges: for the test of trace.cpp
//   gemm=N          milliseconds that a product of cuBLAS takes (10), where those of our
//                   kernels take 100 and all else 1
//   gemms=N         cuBLAS fails from call N+1 on
//   unequal=1      cuBLAS gives equal rows different results
#include "graph.h"
#include "kernels.h"
#include <map>
#include <string>

using Result = int;
using Pointer = unsigned long long;

namespace {

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, NO_CONTEXT = 201,
       INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700 };

long long setting(const char* key, long long otherwise) {
  const char* list = getenv("DPGAN_FAKE");
  std::string text = list ? std::string(",") + list : "";
  size_t at = text.find(std::string(",") + key + "=");
  if (at == std::string::npos) return otherwise;
  std::string value = text.substr(at + strlen(key) + 2);
  return value.compare(0, 7, "reverse") == 0 ? 1 : atoll(value.c_str());
}

using fake::Graph;
using fake::Item;
using Work = std::vector<Item>;
struct Stream {
  Work work;
  Graph* captured = nullptr; // what is enqueued goes there
};

thread_local bool current; // whether the context is this thread's
std::map<Pointer, size_t> memory, pinned;
std::map<Stream*, bool> streams;
size_t used;
long long launches, fake_time; // the milliseconds that all so far would have taken
Result sticky; // a fault stays

Result ready() { return sticky ? sticky : current ? OK : NO_CONTEXT; }

bool lies_in(const std::map<Pointer, size_t>& owner, Pointer p, size_t n) {
  auto after = owner.upper_bound(p);
  if (after == owner.begin()) return false;
  --after;
  return p + n <= after->first + after->second;
}

void drain(Stream* s) {
  Work work;
  work.swap(s->work);
  for (auto& item : work) item.run();
}

Result enqueue(Stream* s, Item item) {
  if (!streams.count(s)) return INVALID_HANDLE;
  if (Graph* g = s->captured) {
    std::vector<size_t> last;
    if (g->nodes.size()) last.push_back(g->nodes.size() - 1);
    g->add(std::move(item), last);
  } else {
    s->work.push_back(std::move(item));
  }
  return OK;
}

bool on_gpu(uintptr_t p, size_t n) { return lies_in(memory, p, n); }

struct Event { Stream* stream; long long time; };

} // namespace

#define API extern "C" __attribute__((visibility("default"))) Result
#define NEEDS_CONTEXT if (Result r = ready()) return r

API cuInit(unsigned) {
  fake::machine.reversed = setting("order", 0);
  return (Result)setting("init", OK);
}
API cuDriverGetVersion(int* v) { return *v = (int)setting("version", 12040), OK; }
API cuDeviceGetCount(int* n) { return *n = (int)setting("devices", 1), OK; }
API cuDeviceGet(int* d, int ordinal) {
  if (ordinal < 0 || ordinal >= setting("devices", 1)) return INVALID_DEVICE;
  return *d = ordinal, OK;
}
API cuDeviceGetName(char* name, int n, int) { return snprintf(name, n, "Fake GPU"), OK; }
API cuDeviceTotalMem_v2(size_t* n, int) { return *n = setting("memory", 8ll << 30), OK; }
API cuDeviceGetAttribute(int* v, int attribute, int) {
  long long capability = setting("capability", 90);
  *v = attribute == 75 ? (int)(capability / 10) : attribute == 76 ? (int)(capability % 10) : 0;
  return OK;
}
API cuDevicePrimaryCtxRetain(void** context, int) { return *context = &used, sticky; }
API cuDevicePrimaryCtxRelease_v2(int) { return current = false, OK; }
API cuDevicePrimaryCtxReset_v2(int) {
  for (auto& s : streams) delete s.first;
  streams.clear();
  for (auto* owned : {&memory, &pinned}) {
    for (auto& m : *owned) free((void*)m.first);
    owned->clear();
  }
  used = 0;
  return sticky = OK;
}
API cuCtxSetCurrent(void* context) { return current = context != nullptr, sticky; }
API cuCtxGetCurrent(void** context) { return *context = current ? &used : nullptr, OK; }
API cuCtxSynchronize() {
  NEEDS_CONTEXT;
  for (auto& s : streams) drain(s.first);
  return sticky;
}

API cuModuleLoadData(void** module, const void* image) {
  NEEDS_CONTEXT;
  if (!strstr((const char*)image, ".version 7.0")) return 218; // INVALID_PTX
  return *module = &launches, OK;
}
API cuModuleUnload(void*) { return ready(); }
API cuModuleGetFunction(void** function, void*, const char* name) {
  NEEDS_CONTEXT;
  for (auto& e : fake::entries)
    if (!strcmp(e.name, name)) return *function = (void*)&e, OK;
  return NOT_FOUND;
}

API cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  NEEDS_CONTEXT;
  *total = setting("memory", 8ll << 30);
  return *free_bytes = *total - used, OK;
}
API cuMemAlloc_v2(Pointer* p, size_t n) {
  NEEDS_CONTEXT;
  if (n == 0) return INVALID_VALUE;
  void* made = nullptr;
  if (n > (size_t)setting("memory", 8ll << 30) - used || posix_memalign(&made, 256, n)) return OUT_OF_MEMORY;
  memset(made, 0xab, n); // a real GPU's memory holds what others left
  *p = (Pointer)made;
  memory[*p] = n;
  return used += n, OK;
}
API cuMemFree_v2(Pointer p) {
  NEEDS_CONTEXT;
  if (!memory.count(p)) return INVALID_VALUE;
  for (auto& s : streams) drain(s.first);
  used -= memory[p];
  memory.erase(p);
  return free((void*)p), OK;
}
API cuMemHostAlloc(void** p, size_t n, unsigned) {
  NEEDS_CONTEXT;
  *p = malloc(n);
  return pinned[(Pointer)*p] = n, OK;
}
API cuMemFreeHost(void* p) {
  NEEDS_CONTEXT;
  pinned.erase((Pointer)p);
  return free(p), OK;
}

// The copy that is not on our stream does not wait for it.
API cuMemcpyHtoD_v2(Pointer dst, const void* src, size_t n) {
  NEEDS_CONTEXT;
  if (!lies_in(memory, dst, n)) return INVALID_VALUE;
  return memcpy((void*)dst, src, n), OK;
}
API cuMemcpyDtoH_v2(void* dst, Pointer src, size_t n) {
  NEEDS_CONTEXT;
  if (!lies_in(memory, src, n)) return INVALID_VALUE;
  return memcpy(dst, (void*)src, n), OK;
}
API cuMemcpyHtoDAsync_v2(Pointer dst, const void* src, size_t n, void* stream) {
  NEEDS_CONTEXT;
  if (!lies_in(memory, dst, n)) return INVALID_VALUE;
  if (lies_in(pinned, (Pointer)src, n)) return enqueue((Stream*)stream, {"memcpy", [=] { memcpy((void*)dst, src, n); }});
  std::string staged((const char*)src, n);
  return enqueue((Stream*)stream, {"memcpy", [=] { memcpy((void*)dst, staged.data(), n); }});
}
API cuMemsetD8Async(Pointer dst, unsigned char v, size_t n, void* stream) {
  NEEDS_CONTEXT;
  if (!lies_in(memory, dst, n)) return INVALID_VALUE;
  return enqueue((Stream*)stream, {"memset", [=] { memset((void*)dst, v, n); }});
}

API cuStreamCreate(void** stream, unsigned) {
  NEEDS_CONTEXT;
  Stream* s = new Stream;
  streams[s] = true;
  return *stream = s, OK;
}
API cuStreamDestroy_v2(void* stream) {
  NEEDS_CONTEXT;
  if (!streams.erase((Stream*)stream)) return INVALID_HANDLE;
  drain((Stream*)stream);
  return delete (Stream*)stream, OK;
}
API cuStreamSynchronize(void* stream) {
  NEEDS_CONTEXT;
  drain((Stream*)stream);
  return sticky;
}
API cuEventCreate(void** event, unsigned) {
  NEEDS_CONTEXT;
  return *event = new Event{nullptr, 0}, OK;
}
API cuEventDestroy_v2(void* event) { return delete (Event*)event, ready(); }
API cuEventRecord(void* event, void* stream) {
  NEEDS_CONTEXT;
  Event* e = (Event*)event;
  e->stream = (Stream*)stream;
  return enqueue(e->stream, {"event", [=] { e->time = fake_time; }});
}
API cuEventElapsedTime(float* milliseconds, void* from, void* to) {
  return *milliseconds = (float)(((Event*)to)->time - ((Event*)from)->time), ready();
}
API cuEventElapsedTime_v2(float* milliseconds, void* from, void* to) { return cuEventElapsedTime(milliseconds, from, to); }
API cuEventSynchronize(void* event) {
  NEEDS_CONTEXT;
  if (Stream* s = ((Event*)event)->stream) drain(s);
  return sticky;
}

// The launch of a kernel as work; null if a GPU would refuse it.
static fake::Bound launch_of(const fake::Entry* e, const unsigned* grid, const unsigned* block, void** arguments) {
  // The limits of every GPU since compute capability 3.
  if (!grid[0] || !grid[1] || !grid[2] || grid[0] > 0x7fffffffu || grid[1] > 65535 || grid[2] > 65535) return nullptr;
  if (!block[0] || block[0] > 1024 || block[1] != 1 || block[2] != 1) return nullptr;
  fake::Bound bound = e->bind(arguments);
  fake::Index blocks = {grid[0], grid[1], grid[2]};
  return [=, threads = block[0]] {
    if (++launches == setting("fault", -1)) sticky = ILLEGAL_ADDRESS;
    fake_time += strncmp(e->name, "linear_", 7) || strstr(e->name, "epilogue") ? 1 : 100;
    if (!sticky) fake::run(e->name, blocks, threads, bound);
  };
}

API cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned,
                   void* stream, void** arguments, void**) {
  NEEDS_CONTEXT;
  const fake::Entry* e = (const fake::Entry*)function;
  unsigned grid[] = {gx, gy, gz}, block[] = {bx, by, bz};
  fake::Bound work = launch_of(e, grid, block, arguments);
  return work ? enqueue((Stream*)stream, {e->name, work}) : INVALID_VALUE;
}

// The handle of a node is its number, plus this: Go's garbage collector ends a program
// that holds a pointer into the first page.
const size_t NODES = 1 << 16;
API cuGraphCreate(void** graph, unsigned) {
  NEEDS_CONTEXT;
  return *graph = new Graph, OK;
}
static Result add_node(void** node, Graph* g, Item item, void** waits, size_t waiting) {
  std::vector<size_t> after;
  for (size_t i = 0; i < waiting && setting("edges", 1); i++) {
    after.push_back((size_t)waits[i] - NODES);
    if (after.back() >= g->nodes.size()) return INVALID_VALUE;
  }
  *node = (void*)(NODES + g->nodes.size());
  g->add(std::move(item), after);
  return OK;
}
struct KernelNode {
  void* function;
  unsigned grid[3], block[3], shared_bytes;
  void **arguments, **extra;
};
API cuGraphAddKernelNode(void** node, void* graph, void** waits, size_t waiting, const KernelNode* k) {
  NEEDS_CONTEXT;
  Graph* g = (Graph*)graph;
  const fake::Entry* e = (const fake::Entry*)k->function;
  fake::Bound work = launch_of(e, k->grid, k->block, k->arguments);
  return work ? add_node(node, g, {e->name, work}, waits, waiting) : INVALID_VALUE;
}
API cuGraphAddChildGraphNode(void** node, void* graph, void** waits, size_t waiting, void* child) {
  NEEDS_CONTEXT;
  std::vector<Item> items = ((Graph*)child)->nodes;
  if (items.empty()) return INVALID_VALUE;
  return add_node(node, (Graph*)graph, {items[0].name, [=] { for (auto& item : items) item.run(); }}, waits, waiting);
}
API cuStreamBeginCapture_v2(void* stream, int) {
  NEEDS_CONTEXT;
  if (((Stream*)stream)->captured) return INVALID_HANDLE;
  return ((Stream*)stream)->captured = new Graph, OK;
}
API cuStreamEndCapture(void* stream, void** graph) {
  NEEDS_CONTEXT;
  *graph = ((Stream*)stream)->captured;
  return ((Stream*)stream)->captured = nullptr, OK;
}
API cuGraphInstantiateWithFlags(void** exec, void* graph, unsigned long long) {
  NEEDS_CONTEXT;
  Graph* made = new Graph(*(Graph*)graph);
  made->finish(fake::machine.reversed);
  if (setting("graphs", 0)) made->print();
  return *exec = made, OK;
}
API cuGraphLaunch(void* exec, void* stream) {
  NEEDS_CONTEXT;
  return enqueue((Stream*)stream, {"graph", [=] { ((Graph*)exec)->run(on_gpu); }});
}
API cuGraphDestroy(void* graph) { return delete (Graph*)graph, ready(); }
API cuGraphExecDestroy(void* exec) {
  for (auto& s : streams) drain(s.first);
  return delete (Graph*)exec, ready();
}

#include "cublas.h"
