// Vector exp, log, tanh and sigmoid for one SIMD target, after the polynomials of Moshier's Cephes library
// (single precision). Included once a target by simd.cpp.
#if defined(LC_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LC_KERNELS_MATH_INL_H_
#undef LC_KERNELS_MATH_INL_H_
#else
#define LC_KERNELS_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include "shared/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace lc::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// a * b + c, rounded once where the machine can. Highway knows no relaxed SIMD; Emscripten's older and newer
// clang call its instruction by different names.
template <class D>
HWY_INLINE hn::Vec<D> multiply_add(D, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> c) {
#ifdef __wasm_relaxed_simd__
#if __has_builtin(__builtin_wasm_relaxed_madd_f32x4)
  return hn::Vec<D>{__builtin_wasm_relaxed_madd_f32x4(a.raw, b.raw, c.raw)};
#else
  return hn::Vec<D>{__builtin_wasm_fma_f32x4(a.raw, b.raw, c.raw)};
#endif
#else
  return hn::MulAdd(a, b, c);
#endif
}

// e^x for x <= 0 (larger ones are taken as 0), 0 below -87. NaN may give anything: callers put it back.
template <class D>
HWY_INLINE hn::Vec<D> exp_of_negative(D d, hn::Vec<D> x) {
  const hn::RebindToUnsigned<D> du;
  x = hn::Max(hn::Min(x, hn::Zero(d)), hn::Set(d, -87.0f));
  // x = n ln 2 + r, |r| <= ln 2 / 2, and ln 2 in two parts so that r is exact.
  // Rounded to a whole number by adding 1.5 * 2^23, which leaves that number in the sum's lowest bits.
  const auto magic = hn::Set(d, 12582912.0f), sum = multiply_add(d, x, hn::Set(d, 1.44269504f), magic);
  const auto n = hn::Sub(sum, magic);
  auto r = multiply_add(d, n, hn::Set(d, -0.693359375f), x);
  r = multiply_add(d, n, hn::Set(d, 2.12194440e-4f), r);
  auto p = hn::Set(d, 1.9875691500e-4f);
  p = multiply_add(d, p, r, hn::Set(d, 1.3981999507e-3f));
  p = multiply_add(d, p, r, hn::Set(d, 8.3334519073e-3f));
  p = multiply_add(d, p, r, hn::Set(d, 4.1665795894e-2f));
  p = multiply_add(d, p, r, hn::Set(d, 1.6666665459e-1f));
  p = multiply_add(d, p, r, hn::Set(d, 5.0000001201e-1f));
  p = hn::Add(multiply_add(d, p, hn::Mul(r, r), r), hn::Set(d, 1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::BitCast(du, sum), hn::Set(du, 127)));
  return hn::Mul(p, hn::BitCast(d, exponent));
}

// ln(1 + y) for 0 <= y <= 1: with 1 + y = m or 2 m, m in [sqrt(1/2), sqrt(2)].
template <class D>
HWY_INLINE hn::Vec<D> log_of_one_plus(D d, hn::Vec<D> y) {
  const auto one = hn::Set(d, 1.0f);
  const auto high = hn::Gt(y, hn::Set(d, 0.41421356f));
  const auto z = hn::IfThenElse(high, hn::Mul(hn::Sub(y, one), hn::Set(d, 0.5f)), y);  // m - 1
  auto p = hn::Set(d, 7.0376836292e-2f);
  p = multiply_add(d, p, z, hn::Set(d, -1.1514610310e-1f));
  p = multiply_add(d, p, z, hn::Set(d, 1.1676998740e-1f));
  p = multiply_add(d, p, z, hn::Set(d, -1.2420140846e-1f));
  p = multiply_add(d, p, z, hn::Set(d, 1.4249322787e-1f));
  p = multiply_add(d, p, z, hn::Set(d, -1.6668057665e-1f));
  p = multiply_add(d, p, z, hn::Set(d, 2.0000714765e-1f));
  p = multiply_add(d, p, z, hn::Set(d, -2.4999993993e-1f));
  p = multiply_add(d, p, z, hn::Set(d, 3.3333331174e-1f));
  const auto square = hn::Mul(z, z);
  auto log = hn::Mul(hn::Mul(p, square), z);
  log = hn::Add(z, multiply_add(d, hn::Set(d, -0.5f), square, log));
  return hn::IfThenElse(high, hn::Add(log, hn::Set(d, 0.69314718f)), log);
}

template <class D>
HWY_INLINE hn::Vec<D> tanh_of(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto magnitude = hn::Abs(x);
  // Large: 1 - 2 e / (1 + e) with e = e^-2|x|. Small: an odd polynomial, where that would cancel.
  const auto e = exp_of_negative(d, hn::Mul(magnitude, hn::Set(d, -2.0f)));
  const auto large = hn::Sub(one, hn::Div(hn::Add(e, e), hn::Add(one, e)));
  const auto square = hn::Mul(x, x);
  auto p = hn::Set(d, -5.70498872745e-3f);
  p = multiply_add(d, p, square, hn::Set(d, 2.06390887954e-2f));
  p = multiply_add(d, p, square, hn::Set(d, -5.37397155531e-2f));
  p = multiply_add(d, p, square, hn::Set(d, 1.33314422036e-1f));
  p = multiply_add(d, p, square, hn::Set(d, -3.33332819422e-1f));
  const auto small = multiply_add(d, hn::Mul(p, square), x, x);
  return hn::IfThenElse(hn::Lt(magnitude, hn::Set(d, 0.625f)), small, hn::CopySign(large, x));
}

template <class D>
HWY_INLINE hn::Vec<D> sigmoid_of(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  const auto e = exp_of_negative(d, hn::Neg(hn::Abs(x)));
  const auto numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one);
  return hn::Div(numerator, hn::Add(one, e));
}

template <class D>
HWY_INLINE hn::Vec<D> activate_vector(D d, hn::Vec<D> x, Activation activation, float slope) {
  const auto zero = hn::Zero(d);
  const auto negative = hn::Lt(x, zero);
  auto y = x;
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return hn::IfThenZeroElse(negative, x);
    case Activation::leaky_relu:
      return hn::IfThenElse(negative, hn::Mul(x, hn::Set(d, slope)), x);
    case Activation::elu:
      y = hn::Mul(hn::Set(d, slope), hn::Sub(exp_of_negative(d, x), hn::Set(d, 1.0f)));
      return hn::IfThenElse(negative, y, x);
    case Activation::softplus:
      y = hn::Add(hn::IfThenZeroElse(negative, x),
                  log_of_one_plus(d, exp_of_negative(d, hn::Neg(hn::Abs(x)))));
      break;
    case Activation::tanh:
      y = tanh_of(d, x);
      break;
    case Activation::sigmoid:
      y = sigmoid_of(d, x);
      break;
  }
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

}  // namespace HWY_NAMESPACE
}  // namespace lc::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard
