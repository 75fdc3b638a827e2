// The kernels by name, with their arguments unpacked from what cuLaunchKernel gets.
#pragma once
#include "../kernels/kernels.cu"
#include <functional>
#include <tuple>
#include <utility>

namespace fake {

// A kernel bound to a copy of its arguments, ready to run.
using Bound = std::function<void()>;

template <class... A, size_t... I> Bound bound(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
  std::tuple<A...> copies{*(A*)arguments[I]...};
  return [=] { std::apply(kernel, copies); };
}

template <class... A> Bound bound(void (*kernel)(A...), void** arguments) {
  return fake::bound(kernel, arguments, std::index_sequence_for<A...>());
}

struct Entry {
  const char* name;
  Bound (*bind)(void** arguments);
};

#define ENTRY(name) {#name, [](void** arguments) { return fake::bound(name, arguments); }}
inline const Entry entries[] = {
    ENTRY(adam_update), ENTRY(batch_norm_backward_128), ENTRY(batch_norm_backward_32), ENTRY(batch_norm_forward_128),
    ENTRY(batch_norm_forward_32), ENTRY(clip_records), ENTRY(clipped_sum), ENTRY(copy),
    ENTRY(upload), ENTRY(expand_codes), ENTRY(fill), ENTRY(heads_backward),
    ENTRY(heads_forward), ENTRY(increment), ENTRY(lean), ENTRY(lean_squares), ENTRY(linear_backward_data_epilogue), ENTRY(linear_forward_epilogue), ENTRY(linear_backward_data_32), ENTRY(linear_backward_data_64),
    ENTRY(linear_backward_data_tf32_128), ENTRY(linear_backward_data_tf32_32), ENTRY(linear_backward_data_tf32_64),
    ENTRY(linear_backward_weights_32), ENTRY(linear_backward_weights_64), ENTRY(linear_backward_weights_tf32_128),
    ENTRY(linear_backward_weights_tf32_32), ENTRY(linear_backward_weights_tf32_64), ENTRY(linear_forward_32),
    ENTRY(linear_forward_64), ENTRY(linear_forward_tf32_128), ENTRY(linear_forward_tf32_32), ENTRY(linear_forward_tf32_64),
    ENTRY(logistic_delta), ENTRY(moment_begin), ENTRY(moment_clear), ENTRY(moment_gradient), ENTRY(moment_loss),
    ENTRY(moment_one), ENTRY(moment_residual), ENTRY(moment_weigh), ENTRY(moving_average),
    ENTRY(pair_gradients), ENTRY(private_adam), ENTRY(private_mean), ENTRY(softmax_spans), ENTRY(weights_sum),
};
#undef ENTRY

} // namespace fake
