// How cards look in each theme: the library's host configuration with colours near those of Teams.
import type { Theme } from './config.ts';

interface Palette {
  readonly text: string;
  readonly subtle: string;
  readonly accent: string;
  readonly good: string;
  readonly attention: string;
  readonly warning: string;
  readonly ground: string;
  readonly emphasis: string;
  readonly line: string;
}

const PALETTES: Readonly<Record<Theme, Palette>> = {
  default: {
    text: '#242424',
    subtle: '#616161',
    accent: '#4f52b2',
    good: '#0e700e',
    attention: '#b10e1c',
    warning: '#835c00',
    ground: '#ffffff',
    emphasis: '#f5f5f5',
    line: '#e0e0e0',
  },
  dark: {
    text: '#ffffff',
    subtle: '#adadad',
    accent: '#aab1ea',
    good: '#9ad29a',
    attention: '#eeacb2',
    warning: '#f2d98c',
    ground: '#292929',
    emphasis: '#333333',
    line: '#4a4a4a',
  },
  contrast: {
    text: '#ffffff',
    subtle: '#ffffff',
    accent: '#1aebff',
    good: '#3ff23f',
    attention: '#ffff01',
    warning: '#ffff01',
    ground: '#000000',
    emphasis: '#000000',
    line: '#ffffff',
  },
};

function colour(value: string, subtle: string = value): object {
  return { default: value, subtle, highlightColors: { default: '#22000000', subtle: '#11000000' } };
}

function container(palette: Palette, ground: string): object {
  return {
    backgroundColor: ground,
    borderColor: palette.line,
    foregroundColors: {
      default: colour(palette.text, palette.subtle),
      dark: colour(palette.text, palette.subtle),
      light: colour(palette.subtle),
      accent: colour(palette.accent),
      good: colour(palette.good),
      attention: colour(palette.attention),
      warning: colour(palette.warning),
    },
  };
}

export function hostConfig(theme: Theme): object {
  const palette = PALETTES[theme];
  return {
    fontFamily: 'inherit',
    fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 400, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
    spacing: { small: 6, default: 10, medium: 14, large: 20, extraLarge: 28, padding: 16 },
    separator: { lineThickness: 1, lineColor: palette.line },
    imageSizes: { small: 32, medium: 52, large: 100 },
    supportsInteractivity: true,
    actions: {
      maxActions: 6,
      spacing: 'default',
      buttonSpacing: 0,
      showCard: { actionMode: 'inline', inlineTopMargin: 12 },
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
    },
    containerStyles: {
      default: container(palette, palette.ground),
      emphasis: container(palette, palette.emphasis),
      accent: container(palette, palette.emphasis),
      good: container(palette, palette.emphasis),
      attention: container(palette, palette.emphasis),
      warning: container(palette, palette.emphasis),
    },
  };
}
