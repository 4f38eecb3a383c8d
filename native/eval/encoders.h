// Metrics of networks that look at pictures: likelihoods and reconstructions of encoders, errors of
// classifiers.
#pragma once

#include "native/eval/evaluate.h"

namespace lc::eval {

struct EncoderInputs {
  const format::ModelFile& model;
  const Reference& reference;
  const Matrix& test;  // pictures of the data set's shape, in [0, 1]
  const Protocol& protocol;
  const Progress& progress;
};

// For an encoder and its decoder: reconstruction error, KL of each dimension, active units, ELBO and
// log-likelihood of binarised pictures. Adds what the networks allow, says what they do not.
Status measure_encoder(const EncoderInputs& inputs, Evaluation& result);

// For a network with an output "classes": the share of test pictures that get another class than their own.
// For one that reads a categorical code of as many values (output of the prior part's name): the same, each
// value standing for the class that the best one-to-one matching gives it (Chen et al. 2016, "InfoGAN",
// section 7.2).
Status measure_class_outputs(const EncoderInputs& inputs, Evaluation& result);

}  // namespace lc::eval
