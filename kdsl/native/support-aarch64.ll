target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"

%struct.kdsl_launch = type { [3 x i64], [3 x i64], [3 x i64] }
%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32, i32, i32, i32, i32, i32, double }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 8
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !4
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #12
  store i64 0, ptr @started, align 8, !tbaa !4
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !8
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !4
  store ptr %1, ptr @others_context, align 8, !tbaa !10
  store ptr %0, ptr @others, align 8, !tbaa !10
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 8
  %5 = alloca [128 x i64], align 8
  %6 = alloca %struct.kdsl_launch, align 8
  %7 = alloca %struct.Plan, align 8
  %8 = alloca [16 x i64], align 8
  %9 = alloca %struct.Work, align 8
  %10 = alloca [64 x i64], align 8
  %11 = alloca [512 x i64], align 8
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %11) #13
  %12 = icmp eq ptr %1, null
  br i1 %12, label %647, label %13

13:                                               ; preds = %3
  %14 = getelementptr inbounds i8, ptr %1, i64 24
  %15 = getelementptr inbounds i8, ptr %1, i64 48
  %16 = load i64, ptr %1, align 8, !tbaa !4
  %17 = load i64, ptr %14, align 8, !tbaa !4
  %18 = icmp slt i64 %16, 0
  %19 = add i64 %17, -1025
  %20 = icmp ult i64 %19, -1024
  %21 = select i1 %18, i1 true, i1 %20
  br i1 %21, label %647, label %72

22:                                               ; preds = %81
  %23 = getelementptr inbounds i8, ptr %1, i64 8
  %24 = load i64, ptr %23, align 8, !tbaa !4
  %25 = getelementptr inbounds i8, ptr %1, i64 32
  %26 = load i64, ptr %25, align 8, !tbaa !4
  %27 = icmp slt i64 %24, 0
  %28 = add i64 %26, -1025
  %29 = icmp ult i64 %28, -1024
  %30 = select i1 %27, i1 true, i1 %29
  br i1 %30, label %647, label %31

31:                                               ; preds = %22
  %32 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %24, i64 %26)
  %33 = extractvalue { i64, i1 } %32, 1
  %34 = extractvalue { i64, i1 } %32, 0
  br i1 %33, label %647, label %35

35:                                               ; preds = %31
  %36 = getelementptr inbounds i8, ptr %1, i64 56
  %37 = load i64, ptr %36, align 8, !tbaa !4
  %38 = icmp slt i64 %37, 0
  %39 = icmp sgt i64 %37, %34
  %40 = select i1 %38, i1 true, i1 %39
  br i1 %40, label %647, label %41

41:                                               ; preds = %35
  %42 = icmp eq i64 %24, 0
  %43 = sext i1 %42 to i64
  %44 = sub nsw i64 %43, %26
  %45 = add i64 %44, %34
  %46 = icmp sgt i64 %37, %45
  br i1 %46, label %47, label %647

47:                                               ; preds = %41
  %48 = getelementptr inbounds i8, ptr %1, i64 16
  %49 = load i64, ptr %48, align 8, !tbaa !4
  %50 = getelementptr inbounds i8, ptr %1, i64 40
  %51 = load i64, ptr %50, align 8, !tbaa !4
  %52 = icmp slt i64 %49, 0
  %53 = add i64 %51, -1025
  %54 = icmp ult i64 %53, -1024
  %55 = select i1 %52, i1 true, i1 %54
  br i1 %55, label %647, label %56

56:                                               ; preds = %47
  %57 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %49, i64 %51)
  %58 = extractvalue { i64, i1 } %57, 1
  %59 = extractvalue { i64, i1 } %57, 0
  br i1 %58, label %647, label %60

60:                                               ; preds = %56
  %61 = getelementptr inbounds i8, ptr %1, i64 64
  %62 = load i64, ptr %61, align 8, !tbaa !4
  %63 = icmp slt i64 %62, 0
  %64 = icmp sgt i64 %62, %59
  %65 = select i1 %63, i1 true, i1 %64
  br i1 %65, label %647, label %66

66:                                               ; preds = %60
  %67 = icmp eq i64 %49, 0
  %68 = sext i1 %67 to i64
  %69 = sub nsw i64 %68, %51
  %70 = add i64 %69, %59
  %71 = icmp sgt i64 %62, %70
  br i1 %71, label %87, label %647

72:                                               ; preds = %13
  %73 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %16, i64 %17)
  %74 = extractvalue { i64, i1 } %73, 1
  %75 = extractvalue { i64, i1 } %73, 0
  br i1 %74, label %647, label %76

76:                                               ; preds = %72
  %77 = load i64, ptr %15, align 8, !tbaa !4
  %78 = icmp slt i64 %77, 0
  %79 = icmp sgt i64 %77, %75
  %80 = select i1 %78, i1 true, i1 %79
  br i1 %80, label %647, label %81

81:                                               ; preds = %76
  %82 = icmp eq i64 %16, 0
  %83 = sext i1 %82 to i64
  %84 = sub nsw i64 %83, %17
  %85 = add i64 %84, %75
  %86 = icmp sgt i64 %77, %85
  br i1 %86, label %22, label %647

87:                                               ; preds = %66
  %88 = mul nuw nsw i64 %26, %17
  %89 = mul nuw nsw i64 %88, %51
  %90 = icmp ugt i64 %89, 1024
  br i1 %90, label %647, label %91

91:                                               ; preds = %87
  %92 = getelementptr inbounds i8, ptr %0, i64 16
  %93 = load i32, ptr %92, align 8, !tbaa !12
  %94 = icmp sgt i32 %93, 0
  br i1 %94, label %95, label %311

95:                                               ; preds = %91
  %96 = load ptr, ptr %0, align 8, !tbaa !14
  %97 = zext nneg i32 %93 to i64
  br label %98

98:                                               ; preds = %95, %295
  %99 = phi i64 [ 0, %95 ], [ %299, %295 ]
  %100 = phi i32 [ 0, %95 ], [ %298, %295 ]
  %101 = phi i32 [ 0, %95 ], [ %296, %295 ]
  %102 = getelementptr inbounds %struct.Param, ptr %96, i64 %99
  %103 = load i32, ptr %102, align 4, !tbaa !15
  %104 = icmp eq i32 %103, 0
  %105 = getelementptr inbounds ptr, ptr %2, i64 %99
  %106 = load ptr, ptr %105, align 8, !tbaa !10
  br i1 %104, label %261, label %107

107:                                              ; preds = %98
  %108 = sext i32 %100 to i64
  %109 = getelementptr inbounds i64, ptr %11, i64 %108
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %10) #13
  %110 = icmp eq ptr %106, null
  br i1 %110, label %301, label %111

111:                                              ; preds = %107
  %112 = getelementptr inbounds i8, ptr %102, i64 8
  %113 = load i32, ptr %112, align 4, !tbaa !17
  %114 = icmp eq i32 %113, 0
  br i1 %114, label %119, label %115

115:                                              ; preds = %111
  %116 = getelementptr inbounds i8, ptr %106, i64 8
  %117 = load ptr, ptr %116, align 8, !tbaa !18
  %118 = icmp eq ptr %117, null
  br i1 %118, label %301, label %119

119:                                              ; preds = %115, %111
  %120 = getelementptr inbounds i8, ptr %102, i64 4
  %121 = load i32, ptr %120, align 4, !tbaa !20
  %122 = sext i32 %121 to i64
  %123 = getelementptr inbounds i8, ptr %106, i64 8
  %124 = zext i32 %113 to i64
  br label %125

125:                                              ; preds = %137, %119
  %126 = phi i64 [ %129, %137 ], [ %124, %119 ]
  %127 = phi i64 [ %140, %137 ], [ 0, %119 ]
  %128 = phi i64 [ %145, %137 ], [ %122, %119 ]
  %129 = add nsw i64 %126, -1
  %130 = trunc nuw i64 %126 to i32
  %131 = icmp slt i32 %130, 1
  br i1 %131, label %146, label %132

132:                                              ; preds = %125
  %133 = load ptr, ptr %123, align 8, !tbaa !18
  %134 = getelementptr inbounds i64, ptr %133, i64 %129
  %135 = load i64, ptr %134, align 8, !tbaa !4
  %136 = icmp slt i64 %135, 0
  br i1 %136, label %305, label %137

137:                                              ; preds = %132
  %138 = icmp eq i64 %135, 0
  %139 = zext i1 %138 to i64
  %140 = or i64 %127, %139
  %141 = getelementptr inbounds [64 x i64], ptr %10, i64 0, i64 %129
  store i64 %128, ptr %141, align 8, !tbaa !4
  %142 = tail call i64 @llvm.umax.i64(i64 %135, i64 1)
  %143 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %128, i64 %142)
  %144 = extractvalue { i64, i1 } %143, 1
  %145 = extractvalue { i64, i1 } %143, 0
  br i1 %144, label %305, label %125, !llvm.loop !21

146:                                              ; preds = %125
  %147 = getelementptr inbounds i8, ptr %106, i64 16
  %148 = load ptr, ptr %147, align 8, !tbaa !23
  %149 = icmp eq ptr %148, null
  %150 = select i1 %149, ptr %10, ptr %148
  %151 = load ptr, ptr %106, align 8, !tbaa !24
  %152 = icmp ne ptr %151, null
  %153 = icmp ne i64 %127, 0
  %154 = select i1 %152, i1 true, i1 %153
  br i1 %154, label %155, label %305

155:                                              ; preds = %146
  %156 = ptrtoint ptr %151 to i64
  %157 = getelementptr inbounds i8, ptr %102, i64 16
  %158 = load i32, ptr %157, align 4, !tbaa !25
  %159 = add nsw i32 %158, -1
  %160 = sext i32 %159 to i64
  %161 = and i64 %160, %156
  %162 = icmp eq i64 %161, 0
  br i1 %162, label %163, label %305

163:                                              ; preds = %155
  store i64 %156, ptr %109, align 8, !tbaa !4
  %164 = icmp sgt i32 %113, 0
  br i1 %164, label %165, label %184

165:                                              ; preds = %163
  %166 = load ptr, ptr %123, align 8, !tbaa !18
  %167 = getelementptr inbounds i64, ptr %109, i64 %124
  %168 = getelementptr inbounds i8, ptr %167, i64 8
  br label %169

169:                                              ; preds = %179, %165
  %170 = phi i64 [ 0, %165 ], [ %180, %179 ]
  %171 = getelementptr inbounds i64, ptr %166, i64 %170
  %172 = load i64, ptr %171, align 8, !tbaa !4
  %173 = icmp slt i64 %172, 2
  %174 = getelementptr inbounds i64, ptr %150, i64 %170
  %175 = load i64, ptr %174, align 8, !tbaa !4
  %176 = and i64 %175, %160
  %177 = icmp eq i64 %176, 0
  %178 = select i1 %173, i1 true, i1 %177
  br i1 %178, label %179, label %305

179:                                              ; preds = %169
  %180 = add nuw nsw i64 %170, 1
  %181 = getelementptr inbounds i64, ptr %109, i64 %180
  store i64 %172, ptr %181, align 8, !tbaa !4
  %182 = getelementptr inbounds i64, ptr %168, i64 %170
  store i64 %175, ptr %182, align 8, !tbaa !4
  %183 = icmp eq i64 %180, %124
  br i1 %183, label %184, label %169, !llvm.loop !26

184:                                              ; preds = %179, %163
  %185 = getelementptr inbounds i8, ptr %102, i64 12
  %186 = load i32, ptr %185, align 4, !tbaa !27
  %187 = icmp sgt i32 %186, -1
  br i1 %187, label %188, label %200

188:                                              ; preds = %184
  %189 = load ptr, ptr %123, align 8, !tbaa !18
  %190 = zext nneg i32 %186 to i64
  %191 = getelementptr inbounds i64, ptr %189, i64 %190
  %192 = load i64, ptr %191, align 8, !tbaa !4
  %193 = icmp sgt i64 %192, 1
  br i1 %193, label %194, label %200

194:                                              ; preds = %188
  %195 = getelementptr inbounds i64, ptr %150, i64 %190
  %196 = load i64, ptr %195, align 8, !tbaa !4
  %197 = icmp eq i64 %196, %122
  %198 = select i1 %197, i1 true, i1 %153
  %199 = select i1 %198, i32 %101, i32 1
  br label %200

200:                                              ; preds = %194, %188, %184
  %201 = phi i32 [ %101, %188 ], [ %101, %184 ], [ %199, %194 ]
  %202 = getelementptr inbounds i8, ptr %102, i64 20
  %203 = load i32, ptr %202, align 4, !tbaa !28
  %204 = icmp eq i32 %203, 0
  %205 = select i1 %204, i1 true, i1 %149
  %206 = select i1 %205, i1 true, i1 %153
  br i1 %206, label %258, label %207

207:                                              ; preds = %200
  %208 = load ptr, ptr %123, align 8, !tbaa !18
  br i1 %164, label %209, label %258

209:                                              ; preds = %207, %248
  %210 = phi i64 [ %255, %248 ], [ %122, %207 ]
  %211 = phi i32 [ %256, %248 ], [ 0, %207 ]
  %212 = phi i64 [ %250, %248 ], [ 0, %207 ]
  br label %215

213:                                              ; preds = %238
  %214 = icmp slt i32 %239, 0
  br i1 %214, label %258, label %242

215:                                              ; preds = %238, %209
  %216 = phi i64 [ 0, %209 ], [ %240, %238 ]
  %217 = phi i32 [ -1, %209 ], [ %239, %238 ]
  %218 = getelementptr inbounds i64, ptr %148, i64 %216
  %219 = load i64, ptr %218, align 8, !tbaa !4
  %220 = tail call i64 @llvm.abs.i64(i64 %219, i1 true)
  %221 = shl nuw i64 1, %216
  %222 = and i64 %221, %212
  %223 = icmp eq i64 %222, 0
  br i1 %223, label %224, label %238

224:                                              ; preds = %215
  %225 = getelementptr inbounds i64, ptr %208, i64 %216
  %226 = load i64, ptr %225, align 8, !tbaa !4
  %227 = icmp slt i64 %226, 2
  br i1 %227, label %238, label %228

228:                                              ; preds = %224
  %229 = icmp slt i32 %217, 0
  br i1 %229, label %236, label %230

230:                                              ; preds = %228
  %231 = zext nneg i32 %217 to i64
  %232 = getelementptr inbounds i64, ptr %148, i64 %231
  %233 = load i64, ptr %232, align 8, !tbaa !4
  %234 = tail call i64 @llvm.abs.i64(i64 %233, i1 true)
  %235 = icmp ult i64 %220, %234
  br i1 %235, label %236, label %238

236:                                              ; preds = %230, %228
  %237 = trunc nuw nsw i64 %216 to i32
  br label %238

238:                                              ; preds = %236, %230, %224, %215
  %239 = phi i32 [ %217, %224 ], [ %217, %215 ], [ %237, %236 ], [ %217, %230 ]
  %240 = add nuw nsw i64 %216, 1
  %241 = icmp eq i64 %240, %124
  br i1 %241, label %213, label %215, !llvm.loop !29

242:                                              ; preds = %213
  %243 = zext nneg i32 %239 to i64
  %244 = getelementptr inbounds i64, ptr %148, i64 %243
  %245 = load i64, ptr %244, align 8, !tbaa !4
  %246 = tail call i64 @llvm.abs.i64(i64 %245, i1 true)
  %247 = icmp slt i64 %246, %210
  br i1 %247, label %305, label %248

248:                                              ; preds = %242
  %249 = shl nuw i64 1, %243
  %250 = or i64 %249, %212
  %251 = getelementptr inbounds i64, ptr %208, i64 %243
  %252 = load i64, ptr %251, align 8, !tbaa !4
  %253 = add nsw i64 %252, -1
  %254 = mul nsw i64 %253, %246
  %255 = add nsw i64 %254, %210
  %256 = add nuw nsw i32 %211, 1
  %257 = icmp eq i32 %256, %113
  br i1 %257, label %258, label %209, !llvm.loop !30

258:                                              ; preds = %248, %213, %200, %207
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %259 = shl nsw i32 %113, 1
  %260 = or disjoint i32 %259, 1
  br label %295

261:                                              ; preds = %98
  %262 = icmp eq ptr %106, null
  br i1 %262, label %263, label %267

263:                                              ; preds = %261
  %264 = trunc nuw nsw i64 %99 to i32
  %265 = shl i32 %264, 8
  %266 = add i32 %265, 257
  br label %647

267:                                              ; preds = %261
  %268 = getelementptr inbounds i8, ptr %102, i64 4
  %269 = load i32, ptr %268, align 4, !tbaa !20
  %270 = add nsw i32 %269, 7
  %271 = sdiv i32 %270, 8
  %272 = icmp sgt i32 %269, 0
  br i1 %272, label %273, label %295

273:                                              ; preds = %267
  %274 = sext i32 %100 to i64
  %275 = tail call i32 @llvm.smax.i32(i32 %271, i32 1)
  %276 = zext nneg i32 %275 to i64
  br label %282

277:                                              ; preds = %282
  br i1 %272, label %278, label %295

278:                                              ; preds = %277
  %279 = sext i32 %100 to i64
  %280 = getelementptr inbounds i64, ptr %11, i64 %279
  %281 = zext nneg i32 %269 to i64
  br label %288

282:                                              ; preds = %273, %282
  %283 = phi i64 [ 0, %273 ], [ %286, %282 ]
  %284 = add nsw i64 %283, %274
  %285 = getelementptr inbounds [512 x i64], ptr %11, i64 0, i64 %284
  store i64 0, ptr %285, align 8, !tbaa !4
  %286 = add nuw nsw i64 %283, 1
  %287 = icmp eq i64 %286, %276
  br i1 %287, label %277, label %282, !llvm.loop !31

288:                                              ; preds = %278, %288
  %289 = phi i64 [ 0, %278 ], [ %293, %288 ]
  %290 = getelementptr inbounds i8, ptr %106, i64 %289
  %291 = load i8, ptr %290, align 1, !tbaa !32
  %292 = getelementptr inbounds i8, ptr %280, i64 %289
  store i8 %291, ptr %292, align 1, !tbaa !32
  %293 = add nuw nsw i64 %289, 1
  %294 = icmp ult i64 %293, %281
  br i1 %294, label %288, label %295, !llvm.loop !33

295:                                              ; preds = %288, %267, %277, %258
  %296 = phi i32 [ %201, %258 ], [ %101, %277 ], [ %101, %267 ], [ %101, %288 ]
  %297 = phi i32 [ %260, %258 ], [ %271, %277 ], [ %271, %267 ], [ %271, %288 ]
  %298 = add nsw i32 %297, %100
  %299 = add nuw nsw i64 %99, 1
  %300 = icmp eq i64 %299, %97
  br i1 %300, label %311, label %98, !llvm.loop !34

301:                                              ; preds = %107, %115
  %302 = trunc nuw nsw i64 %99 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %303 = shl i32 %302, 8
  %304 = add i32 %303, 257
  br label %647

305:                                              ; preds = %155, %146, %132, %137, %169, %242
  %306 = phi i32 [ 5, %242 ], [ 4, %169 ], [ 3, %137 ], [ 3, %132 ], [ 4, %155 ], [ 1, %146 ]
  %307 = trunc nuw nsw i64 %99 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %308 = shl i32 %307, 8
  %309 = add i32 %308, 256
  %310 = or disjoint i32 %306, %309
  br label %647

311:                                              ; preds = %295, %91
  %312 = phi i32 [ 0, %91 ], [ %296, %295 ]
  %313 = load atomic i32, ptr @level_known monotonic, align 4
  %314 = icmp eq i32 %313, 0
  br i1 %314, label %315, label %316

315:                                              ; preds = %311
  store atomic i32 2, ptr @level_known monotonic, align 4
  br label %316

316:                                              ; preds = %315, %311
  %317 = phi i32 [ %313, %311 ], [ 2, %315 ]
  %318 = getelementptr inbounds i8, ptr %0, i64 20
  %319 = load i32, ptr %318, align 4, !tbaa !35
  %320 = icmp sgt i32 %319, 0
  br i1 %320, label %321, label %647

321:                                              ; preds = %316
  %322 = icmp ne i64 %62, %59
  %323 = icmp ne i64 %77, %75
  %324 = icmp ne i64 %37, %34
  %325 = getelementptr inbounds i8, ptr %0, i64 8
  %326 = load ptr, ptr %325, align 8, !tbaa !36
  %327 = zext nneg i32 %319 to i64
  %328 = mul nuw nsw i64 %51, %26
  %329 = icmp sgt i64 %328, 1
  br label %330

330:                                              ; preds = %386, %321
  %331 = phi i64 [ 0, %321 ], [ %388, %386 ]
  %332 = phi ptr [ null, %321 ], [ %387, %386 ]
  %333 = getelementptr inbounds %struct.Way, ptr %326, i64 %331
  %334 = getelementptr inbounds i8, ptr %333, i64 40
  %335 = load i32, ptr %334, align 8, !tbaa !37
  %336 = icmp sgt i32 %335, %317
  br i1 %336, label %386, label %337

337:                                              ; preds = %330
  %338 = getelementptr inbounds i8, ptr %333, i64 44
  %339 = load i32, ptr %338, align 4, !tbaa !40
  %340 = icmp eq i32 %339, %312
  br i1 %340, label %341, label %386

341:                                              ; preds = %337
  %342 = icmp eq ptr %332, null
  br i1 %342, label %347, label %343

343:                                              ; preds = %341
  %344 = getelementptr inbounds i8, ptr %332, i64 40
  %345 = load i32, ptr %344, align 8, !tbaa !37
  %346 = icmp slt i32 %335, %345
  br i1 %346, label %392, label %347

347:                                              ; preds = %343, %341
  %348 = getelementptr inbounds i8, ptr %333, i64 60
  %349 = load i32, ptr %348, align 4, !tbaa !41
  %350 = icmp eq i32 %349, 0
  br i1 %350, label %359, label %351

351:                                              ; preds = %347
  %352 = getelementptr inbounds i8, ptr %333, i64 56
  %353 = load i32, ptr %352, align 8, !tbaa !42
  %354 = add nsw i32 %353, -1
  %355 = sext i32 %354 to i64
  %356 = and i64 %17, %355
  %357 = icmp ne i64 %356, 0
  %358 = select i1 %357, i1 %329, i1 false
  br label %359

359:                                              ; preds = %351, %347
  %360 = phi i1 [ false, %347 ], [ %358, %351 ]
  %361 = zext i1 %360 to i32
  %362 = getelementptr inbounds i8, ptr %333, i64 48
  %363 = load i32, ptr %362, align 8, !tbaa !43
  %364 = icmp eq i32 %363, %361
  br i1 %364, label %365, label %386

365:                                              ; preds = %359
  %366 = getelementptr inbounds i8, ptr %333, i64 64
  %367 = load i32, ptr %366, align 8, !tbaa !8
  %368 = icmp eq i32 %367, 0
  %369 = select i1 %368, i1 true, i1 %322
  %370 = select i1 %369, i1 true, i1 %324
  %371 = select i1 %370, i1 true, i1 %323
  %372 = select i1 %368, ptr %333, ptr %332
  br i1 %371, label %386, label %373

373:                                              ; preds = %365
  %374 = sext i32 %367 to i64
  %375 = icmp eq i64 %17, %374
  br i1 %375, label %376, label %386

376:                                              ; preds = %373
  %377 = getelementptr inbounds i8, ptr %333, i64 68
  %378 = load i32, ptr %377, align 4, !tbaa !8
  %379 = sext i32 %378 to i64
  %380 = icmp eq i64 %26, %379
  br i1 %380, label %381, label %386

381:                                              ; preds = %376
  %382 = getelementptr inbounds i8, ptr %333, i64 72
  %383 = load i32, ptr %382, align 8, !tbaa !8
  %384 = sext i32 %383 to i64
  %385 = icmp eq i64 %51, %384
  br i1 %385, label %392, label %386

386:                                              ; preds = %381, %376, %373, %365, %359, %337, %330
  %387 = phi ptr [ %332, %381 ], [ %372, %365 ], [ %332, %373 ], [ %332, %376 ], [ %332, %359 ], [ %332, %330 ], [ %332, %337 ]
  %388 = add nuw nsw i64 %331, 1
  %389 = icmp eq i64 %388, %327
  br i1 %389, label %390, label %330, !llvm.loop !44

390:                                              ; preds = %386
  %391 = icmp eq ptr %387, null
  br i1 %391, label %647, label %392

392:                                              ; preds = %381, %343, %390
  %393 = phi ptr [ %387, %390 ], [ %332, %343 ], [ %333, %381 ]
  %394 = icmp eq i64 %77, 0
  %395 = icmp eq i64 %37, 0
  %396 = or i1 %394, %395
  %397 = icmp eq i64 %62, 0
  %398 = or i1 %396, %397
  br i1 %398, label %647, label %399

399:                                              ; preds = %392
  call void @llvm.lifetime.start.p0(i64 72, ptr nonnull %6) #13
  tail call void @llvm.experimental.noalias.scope.decl(metadata !45)
  call void @llvm.memcpy.p0.p0.i64(ptr noundef nonnull align 8 dereferenceable(72) %6, ptr noundef nonnull readonly align 8 dereferenceable(72) %1, i64 72, i1 false), !tbaa.struct !48
  %400 = getelementptr inbounds i8, ptr %393, i64 80
  %401 = load i32, ptr %400, align 8, !tbaa !49, !noalias !45
  %402 = icmp eq i32 %401, 3
  %403 = select i1 %402, i32 2, i32 %401
  %404 = zext i1 %402 to i64
  %405 = getelementptr inbounds i64, ptr %6, i64 %404
  %406 = load i64, ptr %405, align 8, !tbaa !4, !alias.scope !45
  %407 = sext i32 %403 to i64
  %408 = getelementptr inbounds i64, ptr %6, i64 %407
  %409 = load i64, ptr %408, align 8, !tbaa !4, !alias.scope !45
  store i64 %409, ptr %405, align 8, !tbaa !4, !alias.scope !45
  store i64 %406, ptr %408, align 8, !tbaa !4, !alias.scope !45
  %410 = getelementptr inbounds i8, ptr %6, i64 24
  %411 = getelementptr inbounds i64, ptr %410, i64 %404
  %412 = load i64, ptr %411, align 8, !tbaa !4, !alias.scope !45
  %413 = getelementptr inbounds i64, ptr %410, i64 %407
  %414 = load i64, ptr %413, align 8, !tbaa !4, !alias.scope !45
  store i64 %414, ptr %411, align 8, !tbaa !4, !alias.scope !45
  store i64 %412, ptr %413, align 8, !tbaa !4, !alias.scope !45
  %415 = getelementptr inbounds i8, ptr %6, i64 48
  %416 = getelementptr inbounds i64, ptr %415, i64 %404
  %417 = load i64, ptr %416, align 8, !tbaa !4, !alias.scope !45
  %418 = getelementptr inbounds i64, ptr %415, i64 %407
  %419 = load i64, ptr %418, align 8, !tbaa !4, !alias.scope !45
  store i64 %419, ptr %416, align 8, !tbaa !4, !alias.scope !45
  store i64 %417, ptr %418, align 8, !tbaa !4, !alias.scope !45
  %420 = getelementptr inbounds i8, ptr %393, i64 8
  %421 = load double, ptr %420, align 8, !tbaa !50
  %422 = getelementptr inbounds i8, ptr %393, i64 92
  %423 = load i32, ptr %422, align 4, !tbaa !51
  %424 = icmp sgt i32 %423, -1
  br i1 %424, label %425, label %434

425:                                              ; preds = %399
  %426 = getelementptr inbounds i8, ptr %393, i64 104
  %427 = load double, ptr %426, align 8, !tbaa !52
  %428 = zext nneg i32 %423 to i64
  %429 = getelementptr inbounds i64, ptr %11, i64 %428
  %430 = load i64, ptr %429, align 8, !tbaa !4
  %431 = sitofp i64 %430 to double
  %432 = fadd double %431, -1.600000e+01
  %433 = tail call double @llvm.fmuladd.f64(double %427, double %432, double %421)
  br label %434

434:                                              ; preds = %425, %399
  %435 = phi double [ %433, %425 ], [ %421, %399 ]
  %436 = fcmp ogt double %435, 1.000000e-02
  %437 = select i1 %436, double %435, double 1.000000e-02
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %7) #13
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef nonnull readonly %393, double noundef %437, ptr noundef nonnull %6, i64 noundef 1) #14
  %438 = getelementptr inbounds i8, ptr %7, i64 28
  %439 = load i32, ptr %438, align 4, !tbaa !53
  %440 = icmp eq i32 %439, 0
  br i1 %440, label %441, label %536

441:                                              ; preds = %434
  %442 = load ptr, ptr @others, align 8, !tbaa !10
  %443 = icmp eq ptr %442, null
  br i1 %443, label %446, label %444

444:                                              ; preds = %441
  %445 = load i64, ptr @others_workers, align 8, !tbaa !4
  br label %532

446:                                              ; preds = %441
  %447 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %448 = extractvalue { i32, i1 } %447, 1
  br i1 %448, label %449, label %527

449:                                              ; preds = %446
  %450 = load i32, ptr @wanted, align 4, !tbaa !8
  %451 = icmp sgt i32 %450, 0
  br i1 %451, label %452, label %454

452:                                              ; preds = %449
  %453 = zext nneg i32 %450 to i64
  br label %494

454:                                              ; preds = %449
  %455 = tail call ptr @getenv(ptr noundef nonnull @.str.9) #12
  %456 = icmp eq ptr %455, null
  br i1 %456, label %479, label %457

457:                                              ; preds = %454
  %458 = load i8, ptr %455, align 1, !tbaa !32
  %459 = icmp ugt i8 %458, 47
  br i1 %459, label %460, label %479

460:                                              ; preds = %457, %467
  %461 = phi i8 [ %474, %467 ], [ %458, %457 ]
  %462 = phi ptr [ %470, %467 ], [ %455, %457 ]
  %463 = phi i64 [ %473, %467 ], [ 0, %457 ]
  %464 = icmp ult i8 %461, 58
  %465 = icmp slt i64 %463, 1024
  %466 = select i1 %464, i1 %465, i1 false
  br i1 %466, label %467, label %476

467:                                              ; preds = %460
  %468 = zext nneg i8 %461 to i64
  %469 = mul nsw i64 %463, 10
  %470 = getelementptr inbounds i8, ptr %462, i64 1
  %471 = add nuw nsw i64 %468, 4294967248
  %472 = and i64 %471, 4294967295
  %473 = add nsw i64 %472, %469
  %474 = load i8, ptr %470, align 1, !tbaa !32
  %475 = icmp ugt i8 %474, 47
  br i1 %475, label %460, label %476

476:                                              ; preds = %467, %460
  %477 = phi i64 [ %473, %467 ], [ %463, %460 ]
  %478 = icmp sgt i64 %477, 0
  br i1 %478, label %494, label %479

479:                                              ; preds = %476, %457, %454
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %480 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #12
  %481 = icmp sgt i32 %480, -1
  br i1 %481, label %482, label %491

482:                                              ; preds = %479, %482
  %483 = phi i64 [ %489, %482 ], [ 0, %479 ]
  %484 = phi i64 [ %488, %482 ], [ 0, %479 ]
  %485 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %483
  %486 = load i64, ptr %485, align 8, !tbaa !4
  %487 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %486)
  %488 = add nuw nsw i64 %487, %484
  %489 = add nuw nsw i64 %483, 1
  %490 = icmp eq i64 %489, 128
  br i1 %490, label %491, label %482, !llvm.loop !55

491:                                              ; preds = %482, %479
  %492 = phi i64 [ 0, %479 ], [ %488, %482 ]
  %493 = call i64 @llvm.smax.i64(i64 %492, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #13
  br label %494

494:                                              ; preds = %491, %476, %452
  %495 = phi i64 [ %453, %452 ], [ %493, %491 ], [ %477, %476 ]
  %496 = call i64 @llvm.umin.i64(i64 %495, i64 1024)
  %497 = icmp ugt i64 %495, 1
  br i1 %497, label %500, label %498

498:                                              ; preds = %494
  %499 = load i64, ptr @started, align 8, !tbaa !4
  br label %523

500:                                              ; preds = %494
  %501 = load i1, ptr @workers.registered, align 4
  br i1 %501, label %504, label %502

502:                                              ; preds = %500
  store i1 true, ptr @workers.registered, align 4
  %503 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #12
  br label %504

504:                                              ; preds = %502, %500
  %505 = add nsw i64 %496, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %506 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #12
  %507 = icmp sgt i32 %506, -1
  br i1 %507, label %508, label %517

508:                                              ; preds = %504, %508
  %509 = phi i64 [ %515, %508 ], [ 0, %504 ]
  %510 = phi i64 [ %514, %508 ], [ 0, %504 ]
  %511 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %509
  %512 = load i64, ptr %511, align 8, !tbaa !4
  %513 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %512)
  %514 = add nuw nsw i64 %513, %510
  %515 = add nuw nsw i64 %509, 1
  %516 = icmp eq i64 %515, 128
  br i1 %516, label %517, label %508, !llvm.loop !55

517:                                              ; preds = %508, %504
  %518 = phi i64 [ 0, %504 ], [ %514, %508 ]
  %519 = call i64 @llvm.smax.i64(i64 %518, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #13
  %520 = icmp ugt i64 %496, %519
  %521 = select i1 %520, i32 20, i32 10000
  %522 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %505, i32 noundef %521) #12
  store i64 %522, ptr @started, align 8, !tbaa !4
  br label %523

523:                                              ; preds = %517, %498
  %524 = phi i64 [ %499, %498 ], [ %522, %517 ]
  %525 = icmp eq i64 %524, 0
  %526 = select i1 %525, i32 3, i32 2
  store atomic i32 %526, ptr @state release, align 4
  br label %527

527:                                              ; preds = %523, %446
  %528 = load atomic i32, ptr @state acquire, align 4
  %529 = icmp eq i32 %528, 2
  %530 = load i64, ptr @started, align 8
  %531 = add nsw i64 %530, 1
  br i1 %529, label %532, label %536

532:                                              ; preds = %527, %444
  %533 = phi i64 [ %445, %444 ], [ %531, %527 ]
  %534 = icmp sgt i64 %533, 1
  br i1 %534, label %535, label %536

535:                                              ; preds = %532
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef readonly %393, double noundef %437, ptr noundef nonnull %6, i64 noundef %533) #14
  br label %536

536:                                              ; preds = %535, %532, %527, %434
  %537 = phi i64 [ 1, %434 ], [ %533, %535 ], [ %533, %532 ], [ 1, %527 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %8) #13
  %538 = load i64, ptr %6, align 8, !tbaa !4
  store i64 %538, ptr %8, align 8, !tbaa !4
  %539 = getelementptr inbounds i8, ptr %8, i64 8
  %540 = getelementptr inbounds i8, ptr %6, i64 8
  %541 = load i64, ptr %540, align 8, !tbaa !4
  store i64 %541, ptr %539, align 8, !tbaa !4
  %542 = getelementptr inbounds i8, ptr %8, i64 16
  %543 = getelementptr inbounds i8, ptr %6, i64 16
  %544 = load i64, ptr %543, align 8, !tbaa !4
  store i64 %544, ptr %542, align 8, !tbaa !4
  %545 = getelementptr inbounds i8, ptr %8, i64 24
  %546 = load i64, ptr %410, align 8, !tbaa !4
  store i64 %546, ptr %545, align 8, !tbaa !4
  %547 = getelementptr inbounds i8, ptr %8, i64 32
  %548 = getelementptr inbounds i8, ptr %6, i64 32
  %549 = load i64, ptr %548, align 8, !tbaa !4
  store i64 %549, ptr %547, align 8, !tbaa !4
  %550 = getelementptr inbounds i8, ptr %8, i64 40
  %551 = getelementptr inbounds i8, ptr %6, i64 40
  %552 = load i64, ptr %551, align 8, !tbaa !4
  store i64 %552, ptr %550, align 8, !tbaa !4
  %553 = getelementptr inbounds i8, ptr %8, i64 48
  %554 = load i64, ptr %415, align 8, !tbaa !4
  store i64 %554, ptr %553, align 8, !tbaa !4
  %555 = getelementptr inbounds i8, ptr %8, i64 56
  %556 = getelementptr inbounds i8, ptr %6, i64 56
  %557 = load i64, ptr %556, align 8, !tbaa !4
  store i64 %557, ptr %555, align 8, !tbaa !4
  %558 = getelementptr inbounds i8, ptr %8, i64 64
  %559 = getelementptr inbounds i8, ptr %6, i64 64
  %560 = load i64, ptr %559, align 8, !tbaa !4
  store i64 %560, ptr %558, align 8, !tbaa !4
  %561 = getelementptr inbounds i8, ptr %8, i64 72
  %562 = getelementptr inbounds i8, ptr %7, i64 16
  %563 = load i64, ptr %562, align 8, !tbaa !56
  store i64 %563, ptr %561, align 8, !tbaa !4
  %564 = getelementptr inbounds i8, ptr %8, i64 80
  store i64 0, ptr %564, align 8, !tbaa !4
  %565 = getelementptr inbounds i8, ptr %8, i64 88
  store i64 0, ptr %565, align 8, !tbaa !4
  %566 = getelementptr inbounds i8, ptr %8, i64 96
  store i64 0, ptr %566, align 8, !tbaa !4
  %567 = getelementptr inbounds i8, ptr %8, i64 104
  %568 = getelementptr inbounds i8, ptr %7, i64 32
  %569 = load i32, ptr %568, align 8, !tbaa !57
  %570 = sext i32 %569 to i64
  store i64 %570, ptr %567, align 8, !tbaa !4
  %571 = getelementptr inbounds i8, ptr %8, i64 112
  store i64 0, ptr %571, align 8, !tbaa !4
  %572 = getelementptr inbounds i8, ptr %8, i64 120
  store i64 0, ptr %572, align 8, !tbaa !4
  %573 = getelementptr inbounds i8, ptr %393, i64 16
  %574 = load i64, ptr %573, align 8, !tbaa !58
  %575 = icmp eq i64 %574, 0
  %576 = getelementptr inbounds i8, ptr %393, i64 24
  %577 = load i64, ptr %576, align 8, !tbaa !59
  %578 = icmp eq i64 %577, 0
  %579 = select i1 %575, i1 %578, i1 false
  br i1 %579, label %580, label %583

580:                                              ; preds = %536
  %581 = getelementptr inbounds i8, ptr %7, i64 24
  %582 = load i32, ptr %581, align 8, !tbaa !60
  br label %607

583:                                              ; preds = %536
  %584 = getelementptr inbounds i8, ptr %393, i64 56
  %585 = load i32, ptr %584, align 8, !tbaa !42
  %586 = sext i32 %585 to i64
  %587 = add i64 %546, -1
  %588 = add i64 %587, %586
  %589 = sub nsw i64 0, %586
  %590 = and i64 %588, %589
  %591 = add i64 %574, 63
  %592 = mul i64 %552, %549
  %593 = mul i64 %592, %577
  %594 = mul i64 %593, %590
  %595 = or i64 %591, 63
  %596 = add i64 %594, %595
  %597 = and i64 %596, -64
  %598 = getelementptr inbounds i8, ptr %7, i64 24
  %599 = load i32, ptr %598, align 8, !tbaa !60
  %600 = icmp eq i32 %599, 0
  %601 = select i1 %600, i64 1, i64 %537
  %602 = mul nsw i64 %597, %601
  %603 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %602) #12
  %604 = icmp eq ptr %603, null
  br i1 %604, label %645, label %605

605:                                              ; preds = %583
  %606 = ptrtoint ptr %603 to i64
  store i64 %606, ptr %564, align 8, !tbaa !4
  store i64 %597, ptr %565, align 8, !tbaa !4
  br label %607

607:                                              ; preds = %605, %580
  %608 = phi i32 [ %599, %605 ], [ %582, %580 ]
  %609 = phi ptr [ %603, %605 ], [ null, %580 ]
  %610 = icmp ne i32 %608, 0
  %611 = load ptr, ptr @others, align 8
  %612 = icmp ne ptr %611, null
  %613 = select i1 %610, i1 %612, i1 false
  br i1 %613, label %614, label %627

614:                                              ; preds = %607
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %9) #13
  %615 = load ptr, ptr %393, align 8, !tbaa !61
  store ptr %615, ptr %9, align 8, !tbaa !62
  %616 = getelementptr inbounds i8, ptr %9, i64 8
  store ptr %11, ptr %616, align 8, !tbaa !64
  %617 = getelementptr inbounds i8, ptr %9, i64 16
  store ptr %8, ptr %617, align 8, !tbaa !65
  %618 = getelementptr inbounds i8, ptr %9, i64 24
  %619 = load i64, ptr %7, align 8, !tbaa !66
  store i64 %619, ptr %618, align 8, !tbaa !67
  %620 = getelementptr inbounds i8, ptr %9, i64 32
  %621 = getelementptr inbounds i8, ptr %7, i64 8
  %622 = load i64, ptr %621, align 8, !tbaa !68
  store i64 %622, ptr %620, align 8, !tbaa !69
  %623 = load ptr, ptr @others_context, align 8, !tbaa !10
  %624 = add i64 %619, -1
  %625 = add i64 %624, %622
  %626 = sdiv i64 %625, %622
  call void %611(ptr noundef %623, ptr noundef nonnull @piece, ptr noundef nonnull %9, i64 noundef %626) #12
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %9) #13
  br label %642

627:                                              ; preds = %607
  %628 = load i64, ptr %7, align 8, !tbaa !66
  br i1 %610, label %629, label %640

629:                                              ; preds = %627
  %630 = load ptr, ptr %393, align 8, !tbaa !61
  %631 = getelementptr inbounds i8, ptr %393, i64 84
  %632 = load i32, ptr %631, align 4, !tbaa !70
  %633 = icmp eq i32 %632, 0
  %634 = getelementptr inbounds i8, ptr %7, i64 8
  %635 = load i64, ptr %634, align 8
  %636 = sub nsw i64 0, %635
  %637 = select i1 %633, i64 %635, i64 %636
  %638 = call i64 @kdsl_pool_run(ptr noundef %630, ptr noundef nonnull %11, ptr noundef nonnull %8, i64 noundef %628, i64 noundef %637) #12
  %639 = icmp eq i64 %638, 0
  br i1 %639, label %640, label %642

640:                                              ; preds = %629, %627
  %641 = load ptr, ptr %393, align 8, !tbaa !61
  call void %641(ptr noundef nonnull %11, ptr noundef nonnull %8, i64 noundef 0, i64 noundef %628, i64 noundef 0) #12
  br label %642

642:                                              ; preds = %640, %629, %614
  %643 = icmp eq ptr %609, null
  br i1 %643, label %645, label %644

644:                                              ; preds = %642
  call void @free(ptr noundef nonnull %609) #12
  br label %645

645:                                              ; preds = %583, %642, %644
  %646 = phi i32 [ 0, %644 ], [ 0, %642 ], [ 6, %583 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %8) #13
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %7) #13
  call void @llvm.lifetime.end.p0(i64 72, ptr nonnull %6) #13
  br label %647

647:                                              ; preds = %305, %316, %72, %13, %81, %76, %22, %31, %35, %41, %47, %56, %60, %66, %301, %263, %645, %390, %392, %87, %3
  %648 = phi i32 [ %310, %305 ], [ 1, %3 ], [ 2, %87 ], [ %646, %645 ], [ 7, %390 ], [ 0, %392 ], [ %266, %263 ], [ %304, %301 ], [ 2, %66 ], [ 2, %60 ], [ 2, %56 ], [ 2, %47 ], [ 2, %41 ], [ 2, %35 ], [ 2, %31 ], [ 2, %22 ], [ 2, %76 ], [ 2, %81 ], [ 2, %13 ], [ 2, %72 ], [ 7, %316 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %11) #13
  ret i32 %648
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, double noundef %2, ptr nocapture noundef readonly %3, i64 noundef %4) unnamed_addr #0 {
  %6 = getelementptr inbounds i8, ptr %3, i64 48
  %7 = load i64, ptr %6, align 8, !tbaa !4
  %8 = getelementptr inbounds i8, ptr %3, i64 56
  %9 = load i64, ptr %8, align 8, !tbaa !4
  %10 = getelementptr inbounds i8, ptr %3, i64 64
  %11 = load i64, ptr %10, align 8, !tbaa !4
  %12 = mul nsw i64 %11, %9
  %13 = mul nsw i64 %12, %7
  %14 = getelementptr inbounds i8, ptr %0, i64 8
  %15 = getelementptr inbounds i8, ptr %0, i64 16
  %16 = getelementptr inbounds i8, ptr %1, i64 56
  %17 = load i32, ptr %16, align 8, !tbaa !42
  %18 = sext i32 %17 to i64
  store i64 %18, ptr %15, align 8, !tbaa !56
  %19 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %19, align 8, !tbaa !60
  %20 = getelementptr inbounds i8, ptr %0, i64 28
  %21 = sitofp i64 %13 to double
  %22 = fmul double %21, %2
  %23 = fcmp olt double %22, 1.500000e+04
  %24 = zext i1 %23 to i32
  store i32 %24, ptr %20, align 4, !tbaa !53
  %25 = getelementptr inbounds i8, ptr %0, i64 32
  %26 = icmp eq i64 %4, 1
  %27 = or i1 %26, %23
  %28 = getelementptr inbounds i8, ptr %1, i64 96
  %29 = load i32, ptr %28, align 8, !tbaa !71
  %30 = icmp eq i32 %29, 0
  br i1 %30, label %31, label %46

31:                                               ; preds = %5
  %32 = getelementptr inbounds i8, ptr %1, i64 32
  %33 = load i64, ptr %32, align 8, !tbaa !72
  %34 = icmp eq i64 %33, 0
  br i1 %34, label %46, label %35

35:                                               ; preds = %31
  %36 = mul nsw i64 %33, %7
  %37 = icmp sgt i64 %36, 4095
  br i1 %37, label %38, label %46

38:                                               ; preds = %35
  %39 = mul nsw i64 %36, %12
  %40 = tail call i64 @sysconf(i32 noundef 194) #12
  %41 = icmp sgt i64 %40, 0
  %42 = sdiv i64 %40, 2
  %43 = select i1 %41, i64 %42, i64 16777216
  %44 = icmp sgt i64 %39, %43
  %45 = zext i1 %44 to i32
  br label %46

46:                                               ; preds = %5, %31, %35, %38
  %47 = phi i32 [ 1, %5 ], [ 0, %31 ], [ 0, %35 ], [ %45, %38 ]
  store i32 %47, ptr %25, align 8, !tbaa !57
  %48 = uitofp nneg i64 %4 to double
  %49 = getelementptr inbounds i8, ptr %1, i64 88
  %50 = load i32, ptr %49, align 8, !tbaa !73
  %51 = fdiv double 2.000000e+05, %2
  %52 = fmul double %48, 1.600000e+01
  %53 = fdiv double %21, %52
  %54 = icmp eq i32 %50, 0
  br i1 %54, label %63, label %55

55:                                               ; preds = %46
  %56 = sitofp i32 %50 to double
  %57 = fmul double %56, 1.000000e+01
  %58 = fmul double %57, 4.000000e+00
  %59 = fdiv double %58, %2
  %60 = fcmp ogt double %53, %59
  %61 = select i1 %60, double %53, double %59
  %62 = fdiv double %21, %48
  br label %63

63:                                               ; preds = %46, %55
  %64 = phi double [ %61, %55 ], [ %53, %46 ]
  %65 = phi double [ %62, %55 ], [ %51, %46 ]
  %66 = fdiv double 1.000000e+04, %2
  %67 = fcmp olt double %64, %65
  %68 = select i1 %67, double %64, double %65
  %69 = fcmp ogt double %66, %68
  %70 = select i1 %69, double %66, double %68
  %71 = getelementptr inbounds i8, ptr %1, i64 52
  %72 = load i32, ptr %71, align 4, !tbaa !74
  %73 = icmp eq i32 %72, 0
  br i1 %73, label %74, label %108

74:                                               ; preds = %63
  %75 = getelementptr inbounds i8, ptr %3, i64 24
  %76 = load i64, ptr %75, align 8, !tbaa !4
  %77 = getelementptr inbounds i8, ptr %3, i64 32
  %78 = load i64, ptr %77, align 8, !tbaa !4
  %79 = mul nsw i64 %78, %76
  %80 = getelementptr inbounds i8, ptr %3, i64 40
  %81 = load i64, ptr %80, align 8, !tbaa !4
  %82 = mul nsw i64 %79, %81
  %83 = load i64, ptr %3, align 8, !tbaa !4
  %84 = getelementptr inbounds i8, ptr %3, i64 8
  %85 = load i64, ptr %84, align 8, !tbaa !4
  %86 = mul nsw i64 %85, %83
  %87 = getelementptr inbounds i8, ptr %3, i64 16
  %88 = load i64, ptr %87, align 8, !tbaa !4
  %89 = mul nsw i64 %86, %88
  store i64 %89, ptr %0, align 8, !tbaa !66
  %90 = sitofp i64 %82 to double
  %91 = fdiv double %70, %90
  %92 = fptosi double %91 to i64
  %93 = add i64 %4, -1
  %94 = add i64 %93, %89
  %95 = sdiv i64 %94, %4
  %96 = getelementptr inbounds i8, ptr %1, i64 76
  %97 = load i32, ptr %96, align 4, !tbaa !75
  %98 = sext i32 %97 to i64
  %99 = tail call i64 @llvm.smin.i64(i64 %95, i64 %98)
  %100 = icmp slt i64 %92, 1
  %101 = tail call i64 @llvm.smin.i64(i64 %89, i64 %92)
  %102 = select i1 %100, i64 1, i64 %101
  %103 = tail call i64 @llvm.smax.i64(i64 %99, i64 %102)
  store i64 %103, ptr %14, align 8, !tbaa !68
  %104 = icmp sgt i64 %89, %103
  %105 = xor i1 %27, true
  %106 = select i1 %105, i1 %104, i1 false
  %107 = zext i1 %106 to i32
  store i32 %107, ptr %19, align 8, !tbaa !60
  br label %188

108:                                              ; preds = %63
  %109 = load i32, ptr %16, align 8, !tbaa !42
  %110 = sext i32 %109 to i64
  %111 = add i64 %7, -1
  %112 = add i64 %111, %110
  %113 = sub nsw i64 0, %110
  %114 = and i64 %112, %113
  %115 = load i64, ptr %8, align 8, !tbaa !4
  %116 = getelementptr inbounds i8, ptr %1, i64 76
  %117 = load i32, ptr %116, align 4, !tbaa !75
  %118 = sext i32 %117 to i64
  %119 = add i64 %115, -1
  %120 = add i64 %119, %118
  %121 = sdiv i64 %120, %118
  %122 = load i64, ptr %10, align 8, !tbaa !4
  %123 = mul nsw i64 %122, %121
  br i1 %27, label %124, label %125

124:                                              ; preds = %108
  store i64 %123, ptr %14, align 8, !tbaa !68
  store i64 %123, ptr %0, align 8, !tbaa !66
  store i64 %114, ptr %15, align 8, !tbaa !56
  br label %188

125:                                              ; preds = %108
  %126 = sitofp i32 %117 to double
  %127 = fdiv double %70, %126
  %128 = fcmp olt double %127, 6.553600e+04
  %129 = fptosi double %127 to i64
  %130 = tail call i64 @llvm.smin.i64(i64 %129, i64 65535)
  %131 = select i1 %128, i64 %130, i64 65535
  %132 = add i64 %131, %110
  %133 = and i64 %132, %113
  %134 = tail call i64 @llvm.smin.i64(i64 %133, i64 %114)
  %135 = add i64 %134, %111
  %136 = sdiv i64 %135, %134
  %137 = mul nsw i64 %136, %123
  %138 = shl nsw i64 %4, 4
  %139 = icmp sgt i64 %137, %138
  br i1 %139, label %177, label %140

140:                                              ; preds = %125
  %141 = shl nsw i64 %136, 1
  %142 = icmp sgt i64 %136, %141
  br i1 %142, label %177, label %143

143:                                              ; preds = %140
  %144 = add nsw i64 %110, -1
  %145 = add i64 %4, -1
  br label %146

146:                                              ; preds = %168, %143
  %147 = phi i64 [ %134, %143 ], [ %170, %168 ]
  %148 = phi i64 [ %136, %143 ], [ %171, %168 ]
  %149 = phi i64 [ -1, %143 ], [ %169, %168 ]
  %150 = add i64 %148, %111
  %151 = sdiv i64 %150, %148
  %152 = add i64 %144, %151
  %153 = and i64 %152, %113
  %154 = add i64 %153, %111
  %155 = sdiv i64 %154, %153
  %156 = mul nsw i64 %155, %123
  %157 = add i64 %145, %156
  %158 = sdiv i64 %157, %4
  %159 = mul nsw i64 %153, %158
  %160 = icmp slt i64 %149, 0
  %161 = icmp slt i64 %159, %149
  %162 = select i1 %160, i1 true, i1 %161
  br i1 %162, label %167, label %163

163:                                              ; preds = %146
  %164 = icmp eq i64 %159, %149
  %165 = icmp sgt i64 %153, %147
  %166 = select i1 %164, i1 %165, i1 false
  br i1 %166, label %167, label %168

167:                                              ; preds = %163, %146
  br label %168

168:                                              ; preds = %167, %163
  %169 = phi i64 [ %159, %167 ], [ %149, %163 ]
  %170 = phi i64 [ %153, %167 ], [ %147, %163 ]
  %171 = add i64 %148, 1
  %172 = icmp eq i64 %148, %141
  br i1 %172, label %173, label %146, !llvm.loop !76

173:                                              ; preds = %168
  %174 = add i64 %170, %111
  %175 = sdiv i64 %174, %170
  %176 = mul nsw i64 %175, %123
  br label %177

177:                                              ; preds = %173, %125, %140
  %178 = phi i64 [ %176, %173 ], [ %137, %125 ], [ %137, %140 ]
  %179 = phi i64 [ %170, %173 ], [ %134, %125 ], [ %134, %140 ]
  store i64 %179, ptr %15, align 8, !tbaa !56
  store i64 %178, ptr %0, align 8, !tbaa !66
  %180 = tail call i64 @llvm.smin.i64(i64 %179, i64 %7)
  %181 = mul nsw i64 %180, %118
  %182 = sitofp i64 %181 to double
  %183 = fdiv double %70, %182
  %184 = fptosi double %183 to i64
  %185 = tail call i64 @llvm.smax.i64(i64 %184, i64 1)
  store i64 %185, ptr %14, align 8, !tbaa !68
  %186 = icmp sgt i64 %178, %185
  %187 = zext i1 %186 to i32
  store i32 %187, ptr %19, align 8, !tbaa !60
  br label %188

188:                                              ; preds = %124, %177, %74
  ret void
}

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite)
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #6

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !69
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !62
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !64
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !65
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !67
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #12
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare double @llvm.fmuladd.f64(double, double, double) #5

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #7 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !4
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #8

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite)
declare void @llvm.experimental.noalias.scope.decl(metadata) #10

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #11

attributes #0 = { nounwind "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #7 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #8 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #9 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #10 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite) }
attributes #11 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #12 = { nobuiltin nounwind "no-builtins" }
attributes #13 = { nounwind }
attributes #14 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1, !2}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"frame-pointer", i32 1}
!3 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!4 = !{!5, !5, i64 0}
!5 = !{!"long", !6, i64 0}
!6 = !{!"omnipotent char", !7, i64 0}
!7 = !{!"Simple C/C++ TBAA"}
!8 = !{!9, !9, i64 0}
!9 = !{!"int", !6, i64 0}
!10 = !{!11, !11, i64 0}
!11 = !{!"any pointer", !6, i64 0}
!12 = !{!13, !9, i64 16}
!13 = !{!"", !11, i64 0, !11, i64 8, !9, i64 16, !9, i64 20}
!14 = !{!13, !11, i64 0}
!15 = !{!16, !9, i64 0}
!16 = !{!"", !9, i64 0, !9, i64 4, !9, i64 8, !9, i64 12, !9, i64 16, !9, i64 20}
!17 = !{!16, !9, i64 8}
!18 = !{!19, !11, i64 8}
!19 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16}
!20 = !{!16, !9, i64 4}
!21 = distinct !{!21, !22}
!22 = !{!"llvm.loop.mustprogress"}
!23 = !{!19, !11, i64 16}
!24 = !{!19, !11, i64 0}
!25 = !{!16, !9, i64 16}
!26 = distinct !{!26, !22}
!27 = !{!16, !9, i64 12}
!28 = !{!16, !9, i64 20}
!29 = distinct !{!29, !22}
!30 = distinct !{!30, !22}
!31 = distinct !{!31, !22}
!32 = !{!6, !6, i64 0}
!33 = distinct !{!33, !22}
!34 = distinct !{!34, !22}
!35 = !{!13, !9, i64 20}
!36 = !{!13, !11, i64 8}
!37 = !{!38, !9, i64 40}
!38 = !{!"", !11, i64 0, !39, i64 8, !5, i64 16, !5, i64 24, !5, i64 32, !9, i64 40, !9, i64 44, !9, i64 48, !9, i64 52, !9, i64 56, !9, i64 60, !6, i64 64, !9, i64 76, !9, i64 80, !9, i64 84, !9, i64 88, !9, i64 92, !9, i64 96, !39, i64 104}
!39 = !{!"double", !6, i64 0}
!40 = !{!38, !9, i64 44}
!41 = !{!38, !9, i64 60}
!42 = !{!38, !9, i64 56}
!43 = !{!38, !9, i64 48}
!44 = distinct !{!44, !22}
!45 = !{!46}
!46 = distinct !{!46, !47, !"turned: argument 0"}
!47 = distinct !{!47, !"turned"}
!48 = !{i64 0, i64 24, !32, i64 24, i64 24, !32, i64 48, i64 24, !32}
!49 = !{!38, !9, i64 80}
!50 = !{!38, !39, i64 8}
!51 = !{!38, !9, i64 92}
!52 = !{!38, !39, i64 104}
!53 = !{!54, !9, i64 28}
!54 = !{!"", !5, i64 0, !5, i64 8, !5, i64 16, !9, i64 24, !9, i64 28, !9, i64 32}
!55 = distinct !{!55, !22}
!56 = !{!54, !5, i64 16}
!57 = !{!54, !9, i64 32}
!58 = !{!38, !5, i64 16}
!59 = !{!38, !5, i64 24}
!60 = !{!54, !9, i64 24}
!61 = !{!38, !11, i64 0}
!62 = !{!63, !11, i64 0}
!63 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16, !5, i64 24, !5, i64 32}
!64 = !{!63, !11, i64 8}
!65 = !{!63, !11, i64 16}
!66 = !{!54, !5, i64 0}
!67 = !{!63, !5, i64 24}
!68 = !{!54, !5, i64 8}
!69 = !{!63, !5, i64 32}
!70 = !{!38, !9, i64 84}
!71 = !{!38, !9, i64 96}
!72 = !{!38, !5, i64 32}
!73 = !{!38, !9, i64 88}
!74 = !{!38, !9, i64 52}
!75 = !{!38, !9, i64 76}
!76 = distinct !{!76, !22}
