using BenchmarkDotNet.Running;
using XenBalloon.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(StepBenchmark).Assembly).Run(args);
