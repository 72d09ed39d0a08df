// What JSX compiles to; esbuild puts it into every module that uses JSX.
export { Fragment, h } from 'preact';
