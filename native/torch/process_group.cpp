// Several processes that train one network: libtorch's own c10d. Ranks meet at a TCP store that rank 0 opens.
#include "native.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace {

// What Gloo and NCCL have in common; their common base has another name in every libtorch.
struct Collective {
    virtual ~Collective() = default;
    virtual void all_reduce(at::Tensor& tensor) = 0;
    virtual void broadcast(at::Tensor& tensor, int root) = 0;
    virtual void barrier() = 0;
};

template <typename Backend>
struct CollectiveOn final : Collective {
    c10::intrusive_ptr<Backend> backend;

    explicit CollectiveOn(c10::intrusive_ptr<Backend> made) : backend(std::move(made)) {}

    void all_reduce(at::Tensor& tensor) override {
        std::vector<at::Tensor> tensors{tensor};
        backend->allreduce(tensors)->wait();
    }

    void broadcast(at::Tensor& tensor, int root) override {
        std::vector<at::Tensor> tensors{tensor};
        c10d::BroadcastOptions options;
        options.rootRank = root;
        backend->broadcast(tensors, options)->wait();
    }

    void barrier() override { backend->barrier()->wait(); }
};

std::unique_ptr<Collective> make(const std::string& backend, const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                 int size, std::chrono::milliseconds timeout) {
#ifdef USE_C10D_GLOO
    if (backend == "gloo") {
        using Gloo = c10d::ProcessGroupGloo;
        auto options = Gloo::Options::create(timeout);
        options->devices.push_back(Gloo::createDefaultDevice());
        return std::make_unique<CollectiveOn<Gloo>>(c10::make_intrusive<Gloo>(store, rank, size, options));
    }
#endif
#ifdef USE_C10D_NCCL
    if (backend == "nccl") {
        using Nccl = c10d::ProcessGroupNCCL;
        auto options = Nccl::Options::create();
        options->timeout = timeout;
        return std::make_unique<CollectiveOn<Nccl>>(c10::make_intrusive<Nccl>(store, rank, size, options));
    }
#endif
    TORCH_CHECK(false, "this build of the binding has no process groups on ", backend,
                ": its headers were not there when it was built");
}

struct Group {
    // The store outlives the backend, which talks through it until its end.
    c10::intrusive_ptr<c10d::Store> store;
    std::unique_ptr<Collective> collective;
    int size;
};

Group& group_of(void* handle) { return *static_cast<Group*>(handle); }

// One message a type and device instead of one a tensor.
template <typename Body>
void packed(void* const* handles, int32_t count, Body body) {
    at::NoGradGuard no_grad;
    std::map<std::string, std::vector<at::Tensor>> kinds;
    for (int32_t i = 0; i < count; ++i) {
        const auto tensor = unwrap(handles[i]).detach();
        kinds[tensor.device().str() + c10::toString(tensor.scalar_type())].push_back(tensor);
    }
    for (auto& kind : kinds) {
        std::vector<at::Tensor> flat;
        for (const auto& tensor : kind.second) flat.push_back(tensor.reshape({-1}));
        auto all = at::cat(flat);
        body(all);
        int64_t start = 0;
        for (auto& tensor : kind.second) {
            tensor.copy_(all.narrow(0, start, tensor.numel()).view(tensor.sizes()));
            start += tensor.numel();
        }
    }
}

}  // namespace

int mdfld_group_create(const char* backend, const char* host, int32_t port, int32_t rank, int32_t size,
                       int64_t timeout_ms, void** out) {
    return guarded([&] {
        TORCH_CHECK(size > 0 && rank >= 0 && rank < size, "rank ", rank, " of ", size, " processes cannot be");
        TORCH_CHECK(port > 0 && port < 65536, "port ", port, " cannot be");
        const std::chrono::milliseconds timeout(timeout_ms);
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(port);
        options.isServer = rank == 0;
        options.numWorkers = static_cast<size_t>(size);
        options.timeout = timeout;
        auto group = std::make_unique<Group>();
        group->store = c10::make_intrusive<c10d::TCPStore>(host, options);
        group->collective = make(backend, c10::make_intrusive<c10d::PrefixStore>("mdfld", group->store), rank, size, timeout);
        group->size = size;
        *out = group.release();
    });
}

int mdfld_group_all_reduce(void* handle, void* const* tensors, int32_t count, int average) {
    return guarded([&] {
        auto& group = group_of(handle);
        packed(tensors, count, [&](at::Tensor& all) {
            group.collective->all_reduce(all);
            if (average) all.div_(group.size);
        });
    });
}

int mdfld_group_broadcast(void* handle, void* const* tensors, int32_t count, int32_t root) {
    return guarded([&] {
        auto& group = group_of(handle);
        TORCH_CHECK(root >= 0 && root < group.size, "rank ", root, " of ", group.size, " processes cannot be");
        packed(tensors, count, [&](at::Tensor& all) { group.collective->broadcast(all, root); });
    });
}

int mdfld_group_barrier(void* handle) {
    return guarded([&] { group_of(handle).collective->barrier(); });
}

void mdfld_group_release(void* handle) { delete static_cast<Group*>(handle); }
