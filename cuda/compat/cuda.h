/* gorgonia.org/cu v0.9.6 compiles against CUDA 12. The headers of CUDA 13 give five
   entry points another signature; drivers still have the old ones, which this
   header declares in their place. Its folder must come before CUDA's own. */
#ifndef DPGAN_COMPAT_CUDA_H
#define DPGAN_COMPAT_CUDA_H
#include_next <cuda.h>
#if CUDA_VERSION >= 13000
#undef cuCtxCreate
#undef cuMemAdvise
#undef cuMemPrefetchAsync
#undef cuGraphAddDependencies
#undef cuGraphGetEdges
#define cuCtxCreate dpgan_ctx_create
#define cuMemAdvise dpgan_mem_advise
#define cuMemPrefetchAsync dpgan_mem_prefetch
#define cuGraphAddDependencies dpgan_graph_add_dependencies
#define cuGraphGetEdges dpgan_graph_get_edges
CUresult dpgan_ctx_create(CUcontext*, unsigned int, CUdevice) __asm__("cuCtxCreate_v2");
CUresult dpgan_mem_advise(CUdeviceptr, size_t, CUmem_advise, CUdevice) __asm__("cuMemAdvise");
CUresult dpgan_mem_prefetch(CUdeviceptr, size_t, CUdevice, CUstream) __asm__("cuMemPrefetchAsync");
CUresult dpgan_graph_add_dependencies(CUgraph, const CUgraphNode*, const CUgraphNode*, size_t) __asm__("cuGraphAddDependencies");
CUresult dpgan_graph_get_edges(CUgraph, CUgraphNode*, CUgraphNode*, size_t*) __asm__("cuGraphGetEdges");
#endif
#endif
