# The GPU's part of the Makefile.
#
# CUDA=12 or 13 chooses the driver headers to build against; they come from NVIDIA's
# wheels on PyPI. With a toolkit of your own: CUDA_INCLUDE=/usr/local/cuda/include.

CUDA         ?= 12
CLANG        ?= clang-19
PYTHON       ?= python3
CUDA_CACHE   ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/dpgan/cuda

wheel_12     := nvidia-cuda-runtime-cu12==12.9.79
wheel_13     := nvidia-cuda-runtime==13.5.37
wheel_ptxas  := nvidia-cuda-nvcc-cu12==12.9.86
headers_12   := $(CUDA_CACHE)/$(wheel_12)/nvidia/cuda_runtime/include
headers_13   := $(CUDA_CACHE)/$(wheel_13)/nvidia/cu13/include
ptxas        := $(CUDA_CACHE)/$(wheel_ptxas)/nvidia/cuda_nvcc/bin/ptxas
CUDA_INCLUDE ?= $(headers_$(CUDA))

# The environment in which cgo compiles gorgonia.org/cu against headers $(1). compat
# makes those of CUDA 13 fit; the folder of the linker script comes before any driver.
gpu_env       = CGO_ENABLED=1 CGO_CFLAGS="-O2 -g -I$(CURDIR)/cuda/compat -I$(1)" CGO_LDFLAGS="-L$(CURDIR)/cuda/libcuda/lib"
gpu           = $(call gpu_env,$(CUDA_INCLUDE))

kernels      := $(wildcard cuda/kernels/*.cu cuda/kernels/*.h)
fakes        := $(wildcard cuda/fake/*)
# A sum of products is rounded twice on every device; PTX 7.0 is what the drivers
# of CUDA 11.0 and newer take.
from_cuda     = $(CLANG) -x cuda -std=c++17 -O3 -ffp-contract=off -Wall --cuda-device-only -nocudainc -nocudalib
to_ptx        = $(from_cuda) -Xclang -target-feature -Xclang +ptx70 -S --cuda-gpu-arch=$(1) -o $(2) cuda/kernels/kernels.cu
# The Go functions that launch the kernels of the PTX in $(1).
to_launches   = $(from_cuda) -E -P --cuda-gpu-arch=sm_80 cuda/kernels/kernels.cu | go run ./cuda/gen $(1)/sm_70.ptx $(1)/sm_80.ptx
# x86-64-v3 has the fused multiply-add that the kernels ask for by name.
to_fake       = g++ -std=c++17 -march=x86-64-v3 -ffp-contract=off -Wall -Wextra -Wno-unknown-pragmas -Wno-unused-function \
                -fPIC -fvisibility=hidden $(1)
fake_parts    = -shared -x c++ cuda/fake/trace.cpp -x assembler cuda/fake/switch.S
# The sanitizers must be there before the Go program starts; its own memory is none
# of their business.
sanitized     = LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0

# The GPU build is for linux/amd64 only, and so are its checks.
ifeq ($(shell uname -sm),Linux x86_64)
gpu_checks   := vet-gpu kernels-check test-kernels
endif

.PHONY: build-gpu kernels kernels-check vet-gpu test-kernels test-gpu gpu-kit

build-gpu: $(CUDA_INCLUDE)/cuda.h ## build bin/dpgan-gpu: starts anywhere, uses an NVIDIA GPU if there is one
	$(gpu) go build -tags gpu -buildvcs=$(stamp) -ldflags '-s -w' -o bin/dpgan-gpu ./cmd/dpgan
	@! readelf -d bin/dpgan-gpu | grep -q 'NEEDED.*libcuda' || { echo "bin/dpgan-gpu is linked to a driver: it would not start without one"; exit 1; }

kernels: ## compile the kernels to cuda/ptx, write the functions that launch them (needs clang-19)
	$(call to_ptx,sm_70,cuda/ptx/sm_70.ptx)
	$(call to_ptx,sm_80,cuda/ptx/sm_80.ptx)
	@mkdir -p bin
	$(call to_launches,cuda/ptx) >bin/launches.go
	mv bin/launches.go cuda/launches.go

kernels-check: $(ptxas) ## check that cuda/ptx and cuda/launches.go are up to date and that NVIDIA's assembler takes the PTX
	@mkdir -p bin/ptx
	$(call to_ptx,sm_70,bin/ptx/sm_70.ptx)
	$(call to_ptx,sm_80,bin/ptx/sm_80.ptx)
	diff -r cuda/ptx bin/ptx || { echo "cuda/ptx is not what the kernels compile to: run make kernels"; exit 1; }
	$(call to_launches,bin/ptx) | diff cuda/launches.go - || { echo "cuda/launches.go is not what the kernels take: run make kernels"; exit 1; }
	$(ptxas) -arch=sm_70 cuda/ptx/sm_70.ptx -o /dev/null
	$(ptxas) -arch=sm_75 cuda/ptx/sm_70.ptx -o /dev/null
	$(ptxas) -arch=sm_80 cuda/ptx/sm_80.ptx -o /dev/null
	$(ptxas) -arch=sm_90 cuda/ptx/sm_80.ptx -o /dev/null

vet-gpu: $(headers_12)/cuda.h $(headers_13)/cuda.h ## vet the GPU build against the headers of CUDA 12 and 13
	$(call gpu_env,$(headers_12)) go vet -tags gpu,fake ./cuda/... ./cmd/...
	$(call gpu_env,$(headers_13)) go vet -tags gpu,fake ./cuda/... ./cmd/...

test-kernels: bin/fake/libcuda.so bin/fake/libcuda-sanitized.so bin/fake/libcuda-traced.so bin/cuda-fake.test build-gpu ## run all of cuda on a fake GPU: both thread orders, sanitizers, races between nodes, with cuBLAS, command line, verify
	cd cuda && DPGAN_LIBCUDA=../bin/fake/libcuda.so ../bin/cuda-fake.test
	cd cuda && DPGAN_LIBCUDA=../bin/fake/libcuda.so DPGAN_FAKE=order=reverse ../bin/cuda-fake.test -test.run Device
	cd cuda && $(sanitized) DPGAN_LIBCUDA=../bin/fake/libcuda-sanitized.so ../bin/cuda-fake.test -test.short -test.run Device
	cd cuda && DPGAN_LIBCUDA=../bin/fake/libcuda-traced.so DPGAN_FAKE=order=reverse ../bin/cuda-fake.test -test.run 'Device(Tensor)?$$/Record|Joins|MemoryReturns'
	cd cuda && $(sanitized) DPGAN_LIBCUDA=../bin/fake/libcuda-sanitized.so DPGAN_LIBCUBLAS=../bin/fake/libcuda-sanitized.so ../bin/cuda-fake.test -test.run 'Device(Tensor)?$$/(Linear|Dropout|Record)'
	cd cuda && DPGAN_LIBCUDA=../bin/fake/libcuda.so DPGAN_LIBCUBLAS=../bin/fake/libcuda.so DPGAN_FAKE=order=reverse ../bin/cuda-fake.test -test.run 'Device(Tensor)?$$'
	cd cuda && DPGAN_LIBCUDA=../bin/fake/libcuda-traced.so DPGAN_LIBCUBLAS=../bin/fake/libcuda-traced.so DPGAN_FAKE=order=reverse ../bin/cuda-fake.test -test.run 'Device(Tensor)?$$/Record'
	DPGAN_LIBCUDA=$(CURDIR)/bin/fake/libcuda.so $(gpu) go test -tags gpu,fake -run TestFakeGPU ./cmd/dpgan
	DPGAN_LIBCUDA=$(CURDIR)/bin/fake/libcuda-traced.so $(gpu) go test -tags gpu,fake -run TestFakeGPU/graphs ./cmd/dpgan
	for precision in float32 tf32; do DPGAN_LIBCUDA=bin/fake/libcuda-traced.so bin/dpgan-gpu verify --device cuda --steps 4 --precision $$precision; done
	for precision in float32 tf32; do DPGAN_LIBCUDA=bin/fake/libcuda.so bin/dpgan-gpu verify --device cuda --precision $$precision; done
	DPGAN_LIBCUDA=bin/fake/libcuda.so DPGAN_FAKE=order=reverse bin/dpgan-gpu verify --device cuda
	$(sanitized) DPGAN_LIBCUDA=bin/fake/libcuda-sanitized.so bin/dpgan-gpu verify --device cuda

test-gpu: build-gpu bin/cuda.test ## on a machine with a GPU: conformance, verify, sanitizers, benchmarks; nothing is skipped
	cuda/kit/run.sh --strict --seconds 3600 bin/dpgan-gpu bin/cuda.test bin/gpu-results

gpu-kit: build-gpu bin/cuda.test ## pack what test-gpu runs for a machine without Go or network: bin/dpgan-gpu-kit.tar.gz
	rm -rf bin/dpgan-gpu-kit
	mkdir -p bin/dpgan-gpu-kit
	cp bin/dpgan-gpu bin/dpgan-gpu-kit/dpgan
	cp bin/cuda.test cuda/kit/run.sh cuda/kit/README.txt LICENSE bin/dpgan-gpu-kit/
	mkdir bin/dpgan-gpu-kit/peers
	cp bench/peers/compare.py bench/peers/worker.py bench/peers/critic_torch.py bin/dpgan-gpu-kit/peers/
	tar -C bin -czf bin/dpgan-gpu-kit.tar.gz dpgan-gpu-kit
	@size=$$(stat -c %s bin/dpgan-gpu-kit.tar.gz); echo "bin/dpgan-gpu-kit.tar.gz: $$size bytes"; \
	((size <= 60 << 20)) || { echo "the kit must not exceed 60 MiB"; exit 1; }

bin/cuda.test: $(CUDA_INCLUDE)/cuda.h FORCE
	$(gpu) go test -c -tags gpu -ldflags '-s -w' -o $@ ./cuda

bin/cuda-fake.test: $(CUDA_INCLUDE)/cuda.h FORCE
	$(gpu) go test -c -tags gpu,fake -o $@ ./cuda

bin/fake/libcuda.so: $(kernels) $(fakes)
	@mkdir -p $(@D)
	$(call to_fake,-O2) -x c++ cuda/fake/driver.cpp $(fake_parts) -o $@

bin/fake/libcuda-sanitized.so: $(kernels) $(fakes)
	@mkdir -p $(@D)
	$(call to_fake,-O1 -g -fsanitize=address$(comma)undefined -fno-sanitize-recover=all) -x c++ cuda/fake/driver.cpp $(fake_parts) -o $@

# trace.cpp stands in for the runtime of the thread sanitizer.
bin/fake/libcuda-traced.so: $(kernels) $(fakes)
	@mkdir -p $(@D)
	$(call to_fake,-O1 -fsanitize=thread) -x c++ -c cuda/fake/driver.cpp -o $@.o
	$(call to_fake,-O2) $@.o $(fake_parts) -o $@
	rm $@.o

comma := ,

# A wheel is a zip file.
$(CUDA_CACHE)/%/.unpacked:
	@mkdir -p $(@D)
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest $(@D) '$*'
	cd $(@D) && $(PYTHON) -m zipfile -e *.whl . && rm *.whl
	touch $@

$(headers_12)/cuda.h: $(CUDA_CACHE)/$(wheel_12)/.unpacked ;
$(headers_13)/cuda.h: $(CUDA_CACHE)/$(wheel_13)/.unpacked ;
$(ptxas): $(CUDA_CACHE)/$(wheel_ptxas)/.unpacked
	chmod +x $@

FORCE:
