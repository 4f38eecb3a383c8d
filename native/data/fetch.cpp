// Brings the files of a data set: each to a temporary file, verified, then renamed.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "native/data/bytes.h"
#include "native/data/dataset.h"
#include "native/io/files.h"

extern char** environ;

namespace lc::data {

namespace {

constexpr std::uint64_t kMaxArchiveBytes = 1ull << 30;
constexpr std::size_t kTarBlock = 512;

// Runs a program and waits; its exit code, or -1 when it could not be started.
int run_program(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Results go to standard output, and a download is none.
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status)) return 1;
  return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}

Status download(const std::string& url, const std::string& to, bool quiet) {
  std::vector<std::string> curl = {"curl", "--fail", "--location", "--retry", "2", "--output", to};
  curl.push_back(quiet ? "--silent" : "--progress-bar");
  if (quiet) curl.push_back("--show-error");
  curl.push_back(url);
  int code = run_program(curl);
  std::string program = "curl";
  if (code == -1) {
    program = "wget";
    code = run_program({"wget", quiet ? "--quiet" : "--no-verbose", "--output-document=" + to, url});
  }
  if (code == -1)
    return fail(Code::io_open,
                "neither curl nor wget is installed: install one, or download " + url + " yourself.");
  if (code == 0) return {};
  unlink(to.c_str());
  return fail(Code::io_read, url + ": the download failed (" + program + " ended with " +
                                 std::to_string(code) +
                                 "). Check the network, or put the files into a folder and give --data-dir.");
}

Status verify(const std::vector<std::uint8_t>& bytes, const std::string& sha256, const std::string& url) {
  const std::string found = sha256_hex({Bytes(bytes)});
  if (found == sha256) return {};
  return fail(Code::data_unverified, url + ": expected SHA-256 " + sha256 + ", the download has " + found +
                                         " (" + std::to_string(bytes.size()) +
                                         " bytes). Try again, or another mirror.");
}

// The regular files of a tar archive by their last name; nothing is written where the archive says.
struct TarEntry {
  std::string name;
  Bytes content;
};
Result<std::vector<TarEntry>> tar_entries(Bytes tar, const std::string& where) {
  std::vector<TarEntry> entries;
  std::size_t at = 0;
  while (at + kTarBlock <= tar.size && tar[at] != 0) {
    const char* header = reinterpret_cast<const char*>(tar.data + at);
    const std::string path(header, strnlen(header, 100));
    const std::uint64_t size = std::strtoull(std::string(header + 124, 12).c_str(), nullptr, 8);
    at += kTarBlock;
    if (size > tar.size - at)
      return fail(Code::data_damaged, where + ": '" + path + "' is longer than the archive.");
    if (header[156] == '0' || header[156] == '\0') {
      entries.push_back(
          {path.substr(path.find_last_of('/') + 1), tar.sub(at, static_cast<std::size_t>(size))});
    }
    at += (static_cast<std::size_t>(size) + kTarBlock - 1) / kTarBlock * kTarBlock;
  }
  return entries;
}

class Fetcher {
 public:
  Fetcher(const FetchQuery& query, const DatasetSpec& spec, std::string folder) : query_(query), spec_(spec) {
    fetched_.folder = std::move(folder);
  }

  Result<Fetched> run() {
    LC_TRY(io::make_folders(fetched_.folder));
    for (const DownloadSpec& item : spec_.downloads)
      LC_TRY(item.sha256.empty() ? single(item) : archive(item));
    return fetched_;
  }

 private:
  std::string url_of(const DownloadSpec& item) const {
    return query_.base_url.empty() ? item.url : query_.base_url + "/" + item.name;
  }

  bool sound(const std::string& path, const FileSpec& file) const {
    if (!io::file_exists(path)) return false;
    const Result<std::vector<std::uint8_t>> bytes = read_data_file(path, file.bytes, "");
    return bytes.ok() && sha256_hex({Bytes(bytes.value())}) == file.sha256;
  }

  // Downloads to a temporary name; the bytes as they came.
  Result<std::vector<std::uint8_t>> bring(const std::string& url, const std::string& temporary) const {
    LC_TRY(download(url, temporary, query_.quiet));
    return io::read_file(temporary, kMaxArchiveBytes);
  }

  Status single(const DownloadSpec& item) {
    const std::string plain = item.name.substr(0, item.name.size() - 3);  // without ".gz"
    const FileSpec* file = nullptr;
    for (const FileSpec& candidate : spec_.files) {
      if (candidate.name == plain) file = &candidate;
    }
    const std::string path = fetched_.folder + "/" + item.name;
    if (sound(path, *file) || sound(fetched_.folder + "/" + plain, *file)) {
      fetched_.present.push_back(item.name);
      return {};
    }
    const std::string temporary = path + ".part";
    const Result<std::vector<std::uint8_t>> raw = bring(url_of(item), temporary);
    if (!raw.ok()) return raw.status();
    const Result<std::vector<std::uint8_t>> content =
        read_data_file(temporary, file->bytes, "Try again, or another mirror.");
    unlink(temporary.c_str());
    if (!content.ok()) return content.status();
    LC_TRY(verify(content.value(), file->sha256, url_of(item)));
    LC_TRY(io::save_file(path, Bytes(raw.value())));
    fetched_.downloaded.push_back(item.name);
    return {};
  }

  Status archive(const DownloadSpec& item) {
    bool complete = true;
    for (const FileSpec& file : spec_.files)
      complete = complete && sound(fetched_.folder + "/" + file.name, file);
    if (complete) {
      for (const FileSpec& file : spec_.files) fetched_.present.push_back(file.name);
      return {};
    }
    const std::string url = url_of(item), temporary = fetched_.folder + "/" + item.name + ".part";
    const Result<std::vector<std::uint8_t>> raw = bring(url, temporary);
    Status status = raw.ok() ? verify(raw.value(), item.sha256, url) : raw.status();
    Result<std::vector<std::uint8_t>> tar = std::move(status);
    if (tar.status().ok()) tar = read_data_file(temporary, kMaxArchiveBytes, "Try again, or another mirror.");
    unlink(temporary.c_str());
    if (!tar.ok()) return tar.status();
    const Result<std::vector<TarEntry>> entries = tar_entries(Bytes(tar.value()), url);
    if (!entries.ok()) return entries.status();
    for (const FileSpec& file : spec_.files) {
      const TarEntry* found = nullptr;
      for (const TarEntry& entry : entries.value()) {
        if (entry.name == file.name) found = &entry;
      }
      if (found == nullptr)
        return fail(Code::data_damaged, url + ": expected " + file.name + " in the archive, found none.");
      const std::string hash = sha256_hex({found->content});
      if (hash != file.sha256) {
        return fail(Code::data_unverified,
                    url + ": " + file.name + ": expected SHA-256 " + file.sha256 + ", found " + hash + ".");
      }
      LC_TRY(io::save_file(fetched_.folder + "/" + file.name, found->content));
      fetched_.downloaded.push_back(file.name);
    }
    return {};
  }

  const FetchQuery& query_;
  const DatasetSpec& spec_;
  Fetched fetched_;
};

}  // namespace

Result<Fetched> fetch_dataset(const FetchQuery& query) {
  const Result<const DatasetSpec*> spec = find_spec(query.name);
  if (!spec.ok()) return spec.status();
  if (spec.value()->layout == Layout::generated)
    return fail(Code::bad_argument, query.name + " has no files to fetch: the trainer draws it.");
  std::string base = query.data_dir;
  const char* variable = std::getenv("LATENT_CANVAS_DATA");
  if (base.empty() && variable != nullptr) base = variable;
  if (base.empty()) base = cache_folder();
  if (base.empty())
    return fail(Code::bad_argument, "there is no home folder to keep data in: give --data-dir.");
  return Fetcher(query, *spec.value(), base + "/" + query.name).run();
}

}  // namespace lc::data
