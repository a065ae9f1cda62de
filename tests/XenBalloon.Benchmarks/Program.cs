using BenchmarkDotNet.Running;
using XenBalloon.Benchmarks;

if (args is ["bus"]) BusBenchmark.Run();
else BenchmarkSwitcher.FromAssembly(typeof(StepBenchmark).Assembly).Run(args);
