# Tests of shared/ui: whole frames without a screen.
if(TARGET lc_ui)
  lc_add_test(NAME ui
    SOURCES ui_frames_test.cpp ui_state_test.cpp ui_theme_test.cpp
    LIBS lc_ui lc_core)
endif()
