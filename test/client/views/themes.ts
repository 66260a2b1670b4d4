/** The variables that VS Code gives to a webview, for the views when they run alone: Light Modern, Dark Modern, high contrast. */
const light = {
  foreground: '#3b3b3b',
  'panel-background': '#f8f8f8',
  'panel-border': '#e5e5e5',
  'editorWidget-background': '#ececec',
  descriptionForeground: '#616161',
  'button-background': '#005fb8',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#0258a8',
  'button-secondaryBackground': '#e5e5e5',
  'button-secondaryForeground': '#3b3b3b',
  'button-secondaryHoverBackground': '#cccccc',
  'dropdown-background': '#ffffff',
  'dropdown-foreground': '#3b3b3b',
  'dropdown-border': '#cecece',
  focusBorder: '#005fb8',
  'textLink-foreground': '#005fb8',
  'textLink-activeForeground': '#005fb8',
  'list-hoverBackground': '#f2f2f2',
  'editorWarning-foreground': '#895503',
  'inputValidation-warningBackground': '#f6f5d2',
  'inputValidation-warningBorder': '#b89500',
  'charts-foreground': '#3b3b3b',
  'charts-lines': '#3b3b3b80',
  'charts-red': '#e51400',
  'charts-blue': '#1a85ff',
  'charts-yellow': '#bf8803',
  'charts-green': '#388a34',
  'charts-purple': '#652d90',
  'terminal-ansiCyan': '#0598bc',
};
const dark: typeof light = {
  ...light,
  foreground: '#cccccc',
  'panel-background': '#181818',
  'panel-border': '#2b2b2b',
  'editorWidget-background': '#202020',
  descriptionForeground: '#9d9d9d',
  'button-background': '#0078d4',
  'button-hoverBackground': '#026ec1',
  'button-secondaryBackground': '#313131',
  'button-secondaryForeground': '#cccccc',
  'button-secondaryHoverBackground': '#3c3c3c',
  'dropdown-background': '#313131',
  'dropdown-foreground': '#cccccc',
  'dropdown-border': '#3c3c3c',
  focusBorder: '#0078d4',
  'textLink-foreground': '#4daafc',
  'textLink-activeForeground': '#4daafc',
  'list-hoverBackground': '#2a2d2e',
  'editorWarning-foreground': '#cca700',
  'inputValidation-warningBackground': '#352a05',
  'inputValidation-warningBorder': '#b89500',
  'charts-foreground': '#cccccc',
  'charts-lines': '#cccccc80',
  'charts-red': '#f14c4c',
  'charts-blue': '#59a4f9',
  'charts-yellow': '#cca700',
  'charts-green': '#89d185',
  'charts-purple': '#b180d7',
  'terminal-ansiCyan': '#11a8cd',
};
const contrast = {
  ...dark,
  foreground: '#ffffff',
  'panel-background': '#000000',
  'panel-border': '#6fc3df',
  'editorWidget-background': '#0c141f',
  descriptionForeground: '#ffffffb3',
  'button-background': '#000000',
  'button-border': '#6fc3df',
  'button-hoverBackground': '#000000',
  'button-secondaryBackground': '#000000',
  'button-secondaryForeground': '#ffffff',
  'dropdown-background': '#000000',
  'dropdown-foreground': '#ffffff',
  'dropdown-border': '#6fc3df',
  contrastBorder: '#6fc3df',
  focusBorder: '#f38518',
  'list-hoverBackground': '#ffffff1a',
  'inputValidation-warningBackground': '#000000',
};

export const themes = {
  light: { bodyClass: 'vscode-light', variables: light },
  dark: { bodyClass: 'vscode-dark', variables: dark },
  contrast: { bodyClass: 'vscode-high-contrast', variables: contrast },
} as const;
export type ThemeName = keyof typeof themes;

/** A style sheet with the variables of a theme. */
export function themeSheet(name: ThemeName): string {
  const { variables } = themes[name];
  const lines = Object.entries(variables).map(([key, value]) => `  --vscode-${key}: ${value};`);
  const fonts = [
    '--vscode-font-family: system-ui, "Ubuntu", "DejaVu Sans", sans-serif',
    '--vscode-font-size: 13px',
    '--vscode-editor-font-family: "DejaVu Sans Mono", monospace',
  ];
  return `:root {\n${lines.join('\n')}\n  ${fonts.join(';\n  ')};\n}\nbody { background: var(--vscode-panel-background); }\n`;
}
