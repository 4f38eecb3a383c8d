// What a model of each family is, and what is worth trying with it, in plain words.
#include "shared/ui/families.h"

namespace lc::ui {
namespace {

constexpr char kExploreCodes[] = "Under Explore a slider moves one number of the picture's code at a time.";
constexpr char kDrawOne[] = "Draw a picture of your own and see what comes back from its code.";
constexpr char kAskCritic[] =
    "Guess under Critic which pictures are real, then ask the network that judged it.";
constexpr char kChooseClass[] =
    "Choose a class under Sample, and keep the seed: the hand stays, the class changes.";
constexpr char kDragTraining[] = "Drag the iteration to the left and watch it learn.";

constexpr FamilyWords kFamilies[] = {
    {"vae",
     "Learnt to press pictures into a few numbers and to draw them again; it draws new ones from random "
     "numbers.",
     kDrawOne},
    {"ae",
     "Learnt to press pictures into a few numbers and to draw them again; new ones come from a mixture "
     "fitted to "
     "those numbers.",
     kDrawOne},
    {"beta-vae", "A VAE that is held to few numbers, so that each comes to have a meaning of its own.",
     kExploreCodes},
    {"cvae", "A VAE that is told the class of a picture, so that a class can be asked for.", kChooseClass},
    {"vaegan", "A VAE that compares pictures by what a critic sees in them, not pixel by pixel.", kDrawOne},
    {"vae-gan-hybrid", "A VAE with a critic: crisper than a VAE alone, less faithful.", kDrawOne},
    {"cppn", "Draws a picture point by point from its place, so that it can be drawn at any size.",
     "Under Explore, Zoom magnifies a picture beyond its pixels."},
    {"gan", "Two networks that learnt from each other: one draws, the other tells drawn from real.",
     kAskCritic},
    {"dcgan",
     "Two networks of convolutions that learnt from each other: one draws, the other tells drawn from real.",
     kAskCritic},
    {"cgan", "A pair of a drawer and a judge that are both told the class, so that a class can be asked for.",
     kChooseClass},
    {"acgan", "A GAN whose judge has to name the class as well, so that a class can be asked for.",
     kChooseClass},
    {"label-gan", "A GAN whose judge names the class of a real picture, and keeps one more name for fakes.",
     kAskCritic},
    {"improved-gan", "A GAN whose judge learns the classes too, from a few named pictures.", kAskCritic},
    {"infogan", "A GAN that found classes and styles by itself: codes that must show in the picture.",
     "Under Explore, its codes stand beside the noise: one picks the class, others the style."},
    {"latent-prior-gan", "A GAN whose random numbers look like an encoder's codes instead of plain noise.",
     kDragTraining},
    {"progan", "Learnt pictures of 4 x 4 pixels first, then 8, 16 and 32, each size faded in.",
     kDragTraining},
    {"wgan", "A GAN whose critic measures how far drawn pictures are from real ones.", kAskCritic},
    {"wgan-gp",
     "A GAN whose critic measures how far drawn pictures are from real ones, kept smooth by a penalty.",
     kAskCritic},
    {"began", "A GAN whose judge is an autoencoder, held in balance with the drawer by one number.",
     kDragTraining},
    {"cyclegan", "Translates pictures from one kind into another and back; it never saw a pair.",
     "Under Draw, it translates what you draw."},
    {"classifier", "Says what a picture shows; other models are measured with it.",
     "Draw something and see what it takes it for."},
    {"gan1d", "The smallest GAN there is: it learns to spread numbers as the data does.", kDragTraining},
    {"painters", "A novice that learnt to draw a master's parabolas from a critic's word alone.",
     kDragTraining}};

}  // namespace

const FamilyWords* words_of_family(const std::string& family) {
  for (const FamilyWords& row : kFamilies) {
    if (family == row.family) return &row;
  }
  return nullptr;
}

}  // namespace lc::ui
