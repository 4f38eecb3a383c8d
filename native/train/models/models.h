// One line a family: what registry.cpp lists. Each is defined in the file of its name.
#pragma once

#include "native/train/family.h"

namespace lc::train {

FamilyEntry ae_family();
FamilyEntry vae_family();
FamilyEntry dcgan_family();
FamilyEntry classifier_family();

}  // namespace lc::train
