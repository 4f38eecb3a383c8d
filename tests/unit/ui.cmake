# Tests of shared/ui: whole frames without a screen. And of the page's Session, which knows no browser.
if(TARGET lc_ui)
  lc_add_test(NAME ui
    SOURCES ui_frames_test.cpp ui_marks_test.cpp ui_state_test.cpp ui_theme_test.cpp ui_views_test.cpp ui_workers_test.cpp
            ${CMAKE_SOURCE_DIR}/wasm/app/worker_session.cpp
    LIBS lc_ui lc_sample lc_session lc_format lc_core)
endif()
