// libxenstore takes its socket from the process' environment, of which there is one.
[assembly: NonParallelizable]
