// One line a family: what registry.cpp lists. Each is defined in the file of its name.
#pragma once

#include "native/train/family.h"

namespace lc::train {

FamilyEntry ae_family();
FamilyEntry vae_family();
FamilyEntry dcgan_family();
FamilyEntry began_family();
FamilyEntry improved_gan_family();
FamilyEntry wgan_family();
FamilyEntry wgan_gp_family();
FamilyEntry gan_family();
FamilyEntry label_gan_family();
FamilyEntry cgan_family();
FamilyEntry acgan_family();
FamilyEntry infogan_family();
FamilyEntry cvae_family();
FamilyEntry beta_vae_family();
FamilyEntry vae_gan_hybrid_family();
FamilyEntry latent_prior_gan_family();
FamilyEntry gan1d_family();
FamilyEntry painters_family();
FamilyEntry progan_family();
FamilyEntry cyclegan_family();
FamilyEntry vaegan_family();
FamilyEntry cppn_family();
FamilyEntry classifier_family();

}  // namespace lc::train
