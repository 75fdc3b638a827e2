// A libcuda.so.1 whose GPU is the CPU: the part of the driver API that package cuda
// calls. Work on a stream is put off until someone waits for it, and device memory
// is malloc's, so that AddressSanitizer sees every access beyond a buffer. It
// refuses what a real driver refuses: calls without a current context, allocations
// while a graph is captured, captures that change threads, copies that leave their
// memory.
//
// DPGAN_FAKE, a list of key=value with commas, makes it another machine:
//   order=reverse   threads and blocks run from the last to the first
//   init=N          cuInit fails with code N
//   devices=N       number of GPUs
//   version=N       CUDA version of the driver, such as 12040
//   capability=N    compute capability, such as 61
//   memory=N        bytes of memory of a GPU
//   fault=N         the Nth launch fails with an illegal address
//   graphs=1        prints the nodes of each graph on stderr
#include "kernels.h"
#include <map>
#include <string>
#include <thread>

using Result = int;
using Pointer = unsigned long long;

namespace {

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, NO_CONTEXT = 201,
       INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700, CAPTURING = 900, WRONG_THREAD = 908 };

long long setting(const char* key, long long otherwise) {
  const char* list = getenv("DPGAN_FAKE");
  std::string text = list ? std::string(",") + list : "";
  size_t at = text.find(std::string(",") + key + "=");
  if (at == std::string::npos) return otherwise;
  std::string value = text.substr(at + strlen(key) + 2);
  return value.compare(0, 7, "reverse") == 0 ? 1 : atoll(value.c_str());
}

struct Item { const char* name; fake::Bound run; };
using Work = std::vector<Item>;
struct Stream { Work work; Work* captured = nullptr; std::thread::id capturer; };

thread_local bool current; // whether the context is this thread's
std::map<Pointer, size_t> memory, pinned;
std::map<Stream*, bool> streams;
size_t used;
long long launches;
Result sticky; // a fault stays

Result ready() { return sticky ? sticky : current ? OK : NO_CONTEXT; }

bool capturing() {
  for (auto& s : streams)
    if (s.first->captured) return true;
  return false;
}

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
  if (s->captured && s->capturer != std::this_thread::get_id()) return WRONG_THREAD;
  (s->captured ? *s->captured : s->work).push_back(std::move(item));
  return OK;
}

struct Event { Stream* stream; };

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
  if (capturing()) return CAPTURING;
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
  if (capturing()) return CAPTURING;
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
  if (((Stream*)stream)->captured) return CAPTURING;
  drain((Stream*)stream);
  return sticky;
}
API cuEventCreate(void** event, unsigned) {
  NEEDS_CONTEXT;
  return *event = new Event{nullptr}, OK;
}
API cuEventDestroy_v2(void* event) { return delete (Event*)event, ready(); }
API cuEventRecord(void* event, void* stream) {
  NEEDS_CONTEXT;
  return ((Event*)event)->stream = (Stream*)stream, OK;
}
API cuEventSynchronize(void* event) {
  NEEDS_CONTEXT;
  if (Stream* s = ((Event*)event)->stream) drain(s);
  return sticky;
}

API cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned,
                   void* stream, void** arguments, void**) {
  NEEDS_CONTEXT;
  // The limits of every GPU since compute capability 3.
  if (!gx || !gy || !gz || gx > 0x7fffffffu || gy > 65535 || gz > 65535 || !bx || bx > 1024 || by != 1 || bz != 1) return INVALID_VALUE;
  const fake::Entry* e = (const fake::Entry*)function;
  fake::Bound bound = e->bind(arguments);
  return enqueue((Stream*)stream, {e->name, [=] {
    if (++launches == setting("fault", -1)) sticky = ILLEGAL_ADDRESS;
    if (!sticky) fake::run(e->name, {gx, gy, gz}, bx, bound);
  }});
}

API cuStreamBeginCapture_v2(void* stream, int) {
  NEEDS_CONTEXT;
  Stream* s = (Stream*)stream;
  if (s->captured) return CAPTURING;
  s->capturer = std::this_thread::get_id();
  return s->captured = new Work, OK;
}
API cuStreamEndCapture(void* stream, void** graph) {
  NEEDS_CONTEXT;
  Stream* s = (Stream*)stream;
  if (s->capturer != std::this_thread::get_id()) return WRONG_THREAD;
  if (setting("graphs", 0)) {
    fprintf(stderr, "graph of %zu nodes:", s->captured->size());
    for (auto& item : *s->captured) fprintf(stderr, " %s", item.name);
    fputc('\n', stderr);
  }
  *graph = s->captured;
  return s->captured = nullptr, OK;
}
API cuGraphInstantiateWithFlags(void** exec, void* graph, unsigned long long) {
  NEEDS_CONTEXT;
  return *exec = new Work(*(Work*)graph), OK;
}
API cuGraphLaunch(void* exec, void* stream) {
  NEEDS_CONTEXT;
  for (auto& item : *(Work*)exec)
    if (Result r = enqueue((Stream*)stream, item)) return r;
  return OK;
}
API cuGraphDestroy(void* graph) { return delete (Work*)graph, ready(); }
API cuGraphExecDestroy(void* exec) {
  for (auto& s : streams) drain(s.first);
  return delete (Work*)exec, ready();
}
