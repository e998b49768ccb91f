#include "native.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <atomic>
#include <cstring>
#include <string>

// OpenBLAS has threads of its own, which at::set_num_threads does not know; there only where it is the BLAS of libtorch.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace {

thread_local std::string last_error;
std::atomic<int64_t> live_tensors{0};

void* wrap(at::Tensor tensor) {
    auto* handle = new at::Tensor(std::move(tensor));
    ++live_tensors;
    return handle;
}

c10::IValue tensor_list(const MdfldValue& v, const c10::Type& type) {
    auto** handles = static_cast<void**>(v.pointer);
    const auto* list = type.castRaw<c10::ListType>();
    if (list && list->getElementType()->kind() == c10::TypeKind::OptionalType) {
        c10::List<c10::optional<at::Tensor>> tensors;
        for (int64_t i = 0; i < v.integer; ++i)
            tensors.push_back(handles[i] ? c10::optional<at::Tensor>(unwrap(handles[i])) : c10::optional<at::Tensor>());
        return tensors;
    }
    c10::List<at::Tensor> tensors;
    for (int64_t i = 0; i < v.integer; ++i)
        tensors.push_back(handles[i] ? unwrap(handles[i]) : at::Tensor());
    return tensors;
}

// The schema decides where a plain number is ambiguous: an integer given for a real argument becomes real.
c10::IValue to_ivalue(const MdfldValue& v, const c10::TypePtr& declared) {
    auto type = declared;
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    switch (v.kind) {
        case MdfldKind::None: return c10::IValue();
        case MdfldKind::Tensor: return unwrap(v.pointer);
        case MdfldKind::Int:
            if (type->kind() == c10::TypeKind::FloatType) return static_cast<double>(v.integer);
            return v.integer;
        case MdfldKind::Double: return v.real;
        case MdfldKind::Bool: return v.integer != 0;
        case MdfldKind::IntList: {
            auto* p = static_cast<int64_t*>(v.pointer);
            return c10::IValue(std::vector<int64_t>(p, p + v.integer));
        }
        case MdfldKind::DoubleList: {
            auto* p = static_cast<double*>(v.pointer);
            return c10::IValue(std::vector<double>(p, p + v.integer));
        }
        case MdfldKind::BoolList: {
            auto* p = static_cast<uint8_t*>(v.pointer);
            c10::List<bool> flags;
            for (int64_t i = 0; i < v.integer; ++i) flags.push_back(p[i] != 0);
            return flags;
        }
        case MdfldKind::TensorList: return tensor_list(v, *type);
        case MdfldKind::String: return std::string(static_cast<char*>(v.pointer), v.integer);
        case MdfldKind::Device: return c10::Device(std::string(static_cast<char*>(v.pointer), v.integer));
        default: TORCH_CHECK(false, "argument of unknown kind ", static_cast<int32_t>(v.kind));
    }
}

struct Results {
    MdfldValue* values;
    int32_t capacity;
    int32_t count = 0;

    void add(MdfldKind kind, int64_t integer, double real, void* pointer) {
        values[count++] = MdfldValue{kind, 0, integer, real, pointer};
    }

    void add(const c10::IValue& v) {
        if (v.isTensorList()) {
            for (const at::Tensor& t : v.toTensorVector()) add(c10::IValue(t));
            return;
        }
        if (v.isTuple()) {
            for (const c10::IValue& item : v.toTupleRef().elements()) add(item);
            return;
        }
        if (v.isList()) {
            for (const c10::IValue& item : v.toListRef()) add(item);
            return;
        }
        TORCH_CHECK(count < capacity, "more than ", capacity, " values are returned");
        if (v.isTensor()) {
            if (v.toTensor().defined()) add(MdfldKind::Tensor, 0, 0, wrap(v.toTensor()));
            else add(MdfldKind::None, 0, 0, nullptr);
        } else if (v.isInt()) add(MdfldKind::Int, v.toInt(), 0, nullptr);
        else if (v.isDouble()) add(MdfldKind::Double, 0, v.toDouble(), nullptr);
        else if (v.isBool()) add(MdfldKind::Bool, v.toBool(), 0, nullptr);
        else if (v.isNone()) add(MdfldKind::None, 0, 0, nullptr);
        else TORCH_CHECK(false, "a ", v.tagKind(), " is returned, which the binding does not carry");
    }

    void release() {
        for (int32_t i = 0; i < count; ++i)
            if (values[i].kind == MdfldKind::Tensor) mdfld_tensor_release(values[i].pointer);
        count = 0;
    }
};

}  // namespace

std::string& mdfld_last_error() { return last_error; }

const char* mdfld_error() { return last_error.c_str(); }
const char* mdfld_libtorch_version() { return TORCH_VERSION; }

int mdfld_operator_find(const char* name, const char* overload, void** out) {
    return guarded([&] {
        auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK(found.has_value(), "libtorch ", TORCH_VERSION, " has no operator ", name, " (overload '", overload, "')");
        *out = new c10::OperatorHandle(*found);
    });
}

int mdfld_operator_call(void* op, const MdfldValue* arguments, int32_t argument_count,
                        MdfldValue* results, int32_t capacity, int32_t* count) {
    Results out{results, capacity};
    int status = guarded([&] {
        const auto& handle = *static_cast<c10::OperatorHandle*>(op);
        const auto& declared = handle.schema().arguments();
        TORCH_CHECK(static_cast<size_t>(argument_count) <= declared.size(), handle.schema(), " was given ",
                    argument_count, " arguments");
        torch::jit::Stack stack;
        stack.reserve(declared.size());
        for (size_t i = 0; i < declared.size(); ++i) {
            if (i < static_cast<size_t>(argument_count)) {
                stack.push_back(to_ivalue(arguments[i], declared[i].type()));
            } else {
                TORCH_CHECK(declared[i].default_value().has_value(), handle.schema(), " needs '", declared[i].name(), "'");
                stack.push_back(*declared[i].default_value());
            }
        }
        handle.callBoxed(&stack);
        for (const auto& v : stack) out.add(v);
    });
    if (status != 0) out.release();
    *count = out.count;
    return status;
}

int mdfld_script_load(const char* path, const char* device, void** out) {
    return guarded([&] {
        auto module = torch::jit::load(path, c10::Device(device));
        TORCH_CHECK(module.find_method("forward").has_value(), "the module has no method forward");
        module.eval();
        *out = new torch::jit::Module(std::move(module));
    });
}

int mdfld_script_run(void* module, void* const* inputs, int32_t input_count,
                     MdfldValue* results, int32_t capacity, int32_t* count) {
    Results out{results, capacity};
    int status = guarded([&] {
        std::vector<c10::IValue> stack;
        for (int32_t i = 0; i < input_count; ++i) stack.emplace_back(unwrap(inputs[i]));
        out.add(static_cast<torch::jit::Module*>(module)->forward(std::move(stack)));
    });
    if (status != 0) out.release();
    *count = out.count;
    return status;
}

void mdfld_script_release(void* module) { delete static_cast<torch::jit::Module*>(module); }

int mdfld_tensor_from(const void* data, int64_t bytes, const int64_t* sizes, int32_t dims, int32_t type, void** out) {
    return guarded([&] {
        auto tensor = at::empty(at::IntArrayRef(sizes, dims), at::TensorOptions(static_cast<at::ScalarType>(type)));
        TORCH_CHECK(static_cast<int64_t>(tensor.nbytes()) == bytes, "a tensor of shape ", tensor.sizes(), " takes ",
                    tensor.nbytes(), " bytes, not ", bytes);
        if (bytes > 0) std::memcpy(tensor.data_ptr(), data, bytes);
        *out = wrap(std::move(tensor));
    });
}

int mdfld_tensor_to(void* handle, void* data, int64_t bytes) {
    return guarded([&] {
        auto tensor = unwrap(handle).detach().cpu().contiguous();
        TORCH_CHECK(static_cast<int64_t>(tensor.nbytes()) == bytes, "a tensor of shape ", tensor.sizes(), " has ",
                    tensor.nbytes(), " bytes, not ", bytes);
        if (bytes > 0) std::memcpy(data, tensor.data_ptr(), bytes);
    });
}

void* mdfld_tensor_data(void* handle) {
    const auto& tensor = unwrap(handle);
    return tensor.device().is_cpu() && tensor.is_contiguous() ? tensor.data_ptr() : nullptr;
}

int32_t mdfld_tensor_dims(void* handle) { return static_cast<int32_t>(unwrap(handle).dim()); }

void mdfld_tensor_sizes(void* handle, int64_t* sizes) {
    auto s = unwrap(handle).sizes();
    std::copy(s.begin(), s.end(), sizes);
}

int32_t mdfld_tensor_type(void* handle) { return static_cast<int32_t>(unwrap(handle).scalar_type()); }

int32_t mdfld_tensor_device(void* handle) {
    const auto device = unwrap(handle).device();
    return device.is_cuda() ? (device.has_index() ? device.index() : 0) : -1;
}

void mdfld_tensor_release(void* handle) {
    --live_tensors;
    delete static_cast<at::Tensor*>(handle);
}

int64_t mdfld_tensor_live() { return live_tensors; }

int mdfld_tensor_requires_grad(void* handle) { return unwrap(handle).requires_grad() ? 1 : 0; }

int mdfld_tensor_set_requires_grad(void* handle, int value) {
    return guarded([&] { unwrap(handle).set_requires_grad(value != 0); });
}

int mdfld_tensor_backward(void* handle) {
    return guarded([&] { unwrap(handle).backward(); });
}

int mdfld_tensor_grad(void* handle, void** out) {
    return guarded([&] {
        const auto& grad = unwrap(handle).grad();
        *out = grad.defined() ? wrap(grad) : nullptr;
    });
}

int mdfld_tensor_clear_grad(void* handle) {
    return guarded([&] { unwrap(handle).mutable_grad().reset(); });
}

int mdfld_grad_mode(int enabled) {
    const int before = c10::GradMode::is_enabled() ? 1 : 0;
    c10::GradMode::set_enabled(enabled != 0);
    return before;
}

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
int32_t mdfld_autocast(int cuda, int32_t type) {
    const auto device = cuda ? at::kCUDA : at::kCPU;
    const bool was = at::autocast::is_autocast_enabled(device);
    const int32_t before = was ? static_cast<int32_t>(at::autocast::get_autocast_dtype(device)) : -1;
    at::autocast::set_autocast_enabled(device, type >= 0);
    if (type >= 0) at::autocast::set_autocast_dtype(device, static_cast<at::ScalarType>(type));
    at::autocast::clear_cache();
    return before;
}
#else
int32_t mdfld_autocast(int cuda, int32_t type) {
    using namespace at::autocast;
    const bool was = cuda ? is_enabled() : is_cpu_enabled();
    const int32_t before = was ? static_cast<int32_t>(cuda ? get_autocast_gpu_dtype() : get_autocast_cpu_dtype()) : -1;
    cuda ? set_enabled(type >= 0) : set_cpu_enabled(type >= 0);
    const auto scalar = static_cast<at::ScalarType>(type);
    if (type >= 0) cuda ? set_autocast_gpu_dtype(scalar) : set_autocast_cpu_dtype(scalar);
    // Weights cast under the old setting are not those of the new one.
    clear_cache();
    return before;
}
#endif

int mdfld_manual_seed(uint64_t seed) {
    return guarded([&] { at::manual_seed(seed); });
}

int mdfld_set_threads(int32_t threads) {
    return guarded([&] {
        at::set_num_threads(threads);
        if (openblas_set_num_threads)
            openblas_set_num_threads(threads);
    });
}

int32_t mdfld_get_threads() { return at::get_num_threads(); }

int mdfld_set_flush_denormal(int enabled) {
    return at::globalContext().setFlushDenormal(enabled != 0) ? 0 : 1;
}

int mdfld_cuda_available() { return at::hasCUDA() ? 1 : 0; }
